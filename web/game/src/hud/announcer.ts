/** Tells people who don't see the pond what happens: phases, death, results. */

import type { Room } from '../model/room.ts';
import { element, setText } from './dom.ts';
import { ordinal } from './format.ts';
import { fateText } from './notices.ts';

/** A live region that nobody sees. */
export class Announcer {
  readonly root = element('div', 'sr-only');

  constructor() {
    this.root.setAttribute('aria-live', 'polite');
  }

  update(room: Room): void {
    setText(this.root, announcement(room));
  }
}

/** What there is to say of the room now. */
export function announcement(room: Room): string {
  switch (room.phase.phase) {
    case 'lobby':
      return room.isKnown ? 'Waiting for the next game.' : '';
    case 'countdown':
      return 'The game starts. Get ready.';
    case 'playing':
      return room.eatenBy === undefined ? 'The game runs.' : fateText(room);
    case 'results': {
      const own = room.results.find(({ seat }) => seat === room.ownSeat);
      const winner = room.results[0];
      if (winner === undefined) {
        return '';
      }
      const place = own === undefined ? '' : ` You came ${ordinal(own.place)}.`;
      return own === winner ? 'You won!' : `${room.nameOf(winner.seat)} wins.${place}`;
    }
  }
}
