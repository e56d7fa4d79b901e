/** Through whose eyes one looks: the whole arena, or any seat, with what it weighs and whether it lives. */

import { element, setText } from '../hud/dom.ts';
import { count } from '../hud/format.ts';
import type { Frame } from '../model/frame.ts';
import type { Room } from '../model/room.ts';
import { circleColour, cssColour } from '../view/palette.ts';
import { NOBODY } from './story.ts';

interface Line {
  readonly root: HTMLButtonElement;
  readonly name: HTMLElement;
  readonly note: HTMLElement;
  readonly mass: HTMLElement;
}

/** The list beside the picture. */
export class EyesList {
  readonly root = element('section', 'replay-eyes');
  private readonly lines = new Map<number, Line>();
  private readonly choose: (seat: number) => void;

  /** `choose` is called with a seat, or {@link NOBODY} for the whole arena. */
  constructor(choose: (seat: number) => void) {
    this.choose = choose;
    this.root.setAttribute('aria-label', 'Through whose eyes');
    const line = this.addLine(NOBODY);
    setText(line.name, 'Whole arena');
  }

  update(room: Room, frame: Frame, eyes: number): void {
    for (const { seat, name, isBot } of room.roster) {
      const line = this.lines.get(seat) ?? this.addLine(seat);
      const isThere = frame.has(seat);
      setText(line.name, name);
      setText(line.note, isBot ? 'bot' : '');
      setText(line.mass, isThere ? count(((frame.radius[seat] as number) / 2) ** 2) : 'out');
      line.root.classList.toggle('is-out', !isThere);
    }
    for (const [seat, { root }] of this.lines) {
      root.hidden = seat !== NOBODY && room.entry(seat) === undefined;
      root.setAttribute('aria-pressed', String(seat === eyes));
    }
  }

  private addLine(seat: number): Line {
    const line = {
      root: element('button', 'replay-eye'),
      name: element('span', 'replay-eye-name'),
      note: element('span', 'replay-eye-note'),
      mass: element('span', 'replay-eye-mass'),
    };
    line.root.type = 'button';
    line.root.addEventListener('click', () => this.choose(seat));
    const dot = element('span', 'replay-eye-dot');
    dot.style.backgroundColor =
      seat === NOBODY ? 'transparent' : cssColour(circleColour(seat, NOBODY));
    line.root.append(dot, line.name, line.note, line.mass);
    this.lines.set(seat, line);
    const behind = [...this.lines.keys()].filter((other) => other !== NOBODY && other > seat);
    const next = seat === NOBODY ? undefined : this.lines.get(Math.min(...behind));
    this.root.insertBefore(line.root, next?.root ?? null);
    return line;
  }
}
