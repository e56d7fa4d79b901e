/** The roster with masses, largest first. On a small screen it is short until tapped. */

import type { Room } from '../model/room.ts';
import { element, setText } from './dom.ts';
import { count } from './format.ts';
import { botMark, SeatMark } from './seat-mark.ts';
import { type StandingsRow, shortened, standingsRows } from './standings-rows.ts';

const SHORT_LINES = 4;

interface Line {
  readonly root: HTMLLIElement;
  readonly rank: HTMLElement;
  readonly mark: SeatMark;
  readonly name: HTMLElement;
  readonly note: HTMLElement;
  readonly bot: SVGSVGElement;
  readonly mass: HTMLElement;
}

/** The panel at the top left. */
export class Standings {
  readonly root = element('section', 'panel standings');
  private readonly toggle = element('button', 'standings-toggle');
  private readonly list = element('ol', 'standings-list');
  private readonly lines: Line[] = [];
  private isOpen = false;

  constructor(private readonly isSmall: MediaQueryList) {
    this.root.setAttribute('aria-label', 'Standings');
    this.toggle.type = 'button';
    this.toggle.setAttribute('aria-label', 'Show all players');
    this.toggle.setAttribute('aria-expanded', 'false');
    this.toggle.addEventListener('click', () => {
      this.isOpen = !this.isOpen;
      this.toggle.setAttribute('aria-expanded', String(this.isOpen));
    });
    this.root.append(this.list, this.toggle);
  }

  update(room: Room, ownMass: number): void {
    const all = standingsRows(room, ownMass);
    const isShort = this.isSmall.matches && !this.isOpen;
    const rows = isShort ? shortened(all, SHORT_LINES) : all;
    while (this.lines.length < rows.length) {
      this.lines.push(this.addLine());
    }
    for (const [index, line] of this.lines.entries()) {
      const row = rows[index];
      line.root.hidden = row === undefined;
      if (row !== undefined) {
        fill(line, row, room.ownSeat);
      }
    }
    this.root.hidden = rows.length === 0;
  }

  private addLine(): Line {
    const line = {
      root: element('li', 'standing'),
      rank: element('span', 'standing-rank'),
      mark: new SeatMark(),
      name: element('span', 'standing-name'),
      note: element('span', 'standing-note'),
      bot: botMark(),
      mass: element('span', 'standing-mass'),
    };
    line.root.append(line.rank, line.mark.root, line.name, line.bot, line.note, line.mass);
    this.list.append(line.root);
    return line;
  }
}

function fill(line: Line, row: StandingsRow, ownSeat: number): void {
  setText(line.rank, row.rank === undefined ? '' : String(row.rank));
  setText(line.name, row.name);
  setText(line.note, row.note === 'away' ? row.note : '');
  setText(line.mass, row.mass === undefined ? '' : count(row.mass));
  line.root.classList.toggle('is-own', row.isOwn);
  line.root.classList.toggle('is-out', row.note === 'out');
  line.bot.toggleAttribute('hidden', !row.isBot);
  line.mark.show(row.seat, ownSeat);
}
