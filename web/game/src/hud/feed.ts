/** Who ate whom, a few lines that fade. */

import type { Kill } from '../model/kill-feed.ts';
import type { Room } from '../model/room.ts';
import { circleColour, cssColour } from '../view/palette.ts';
import { element } from './dom.ts';

/** The list below the minimap. */
export class Feed {
  readonly root = element('ol', 'feed');
  private readonly shown = new Map<number, HTMLLIElement>();

  constructor() {
    this.root.setAttribute('aria-label', 'Who ate whom');
  }

  update(room: Room): void {
    const lines = room.kills.lines;
    for (const [id, line] of this.shown) {
      if (!lines.some((kill) => kill.id === id)) {
        line.remove();
        this.shown.delete(id);
      }
    }
    for (const kill of lines) {
      if (!this.shown.has(kill.id)) {
        const line = makeLine(kill, room);
        this.shown.set(kill.id, line);
        this.root.append(line);
      }
    }
  }
}

function makeLine(kill: Kill, room: Room): HTMLLIElement {
  const line = element('li', 'feed-line');
  const isOwn = kill.victim === room.ownSeat || kill.eater === room.ownSeat;
  line.classList.toggle('is-own', isOwn);
  if (kill.eater === undefined) {
    line.append(nameOf(kill.victim, room, 'You'), ' withered outside');
  } else {
    line.append(nameOf(kill.eater, room, 'You'), ' ate ', nameOf(kill.victim, room, 'you'));
  }
  return line;
}

function nameOf(seat: number, room: Room, you: string): HTMLElement {
  const name = element('span', 'feed-name', seat === room.ownSeat ? you : room.nameOf(seat));
  name.style.color = cssColour(circleColour(seat, room.ownSeat));
  return name;
}
