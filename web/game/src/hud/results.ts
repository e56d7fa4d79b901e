/** The table at the end of a game, and the way to the next. */

import type { WaysOut } from '../app/ways-out.ts';
import type { ResultRow } from '../model/events.ts';
import type { Room } from '../model/room.ts';
import { element, setText } from './dom.ts';
import { clock, count, ordinal, secondsLeft } from './format.ts';
import { type Ranking, rankedBy } from './ranked-by.ts';
import { botMark, SeatMark } from './seat-mark.ts';

/** Columns as headed; a small screen shows only the first two and that by which places are given. */
const COLUMNS = [
  ['Place', 'place'],
  ['Player', 'name'],
  ['Score', 'score'],
  ['Largest', 'largest'],
  ['Circles', 'circles'],
  ['Knibbles', 'knibbles'],
  ['Alive', 'survived'],
] as const;

/** The panel in the middle. */
export class Results {
  readonly root = element('section', 'panel results');
  private readonly title = element('h2', 'results-title');
  private readonly subtitle = element('p', 'results-subtitle');
  private readonly rank = element('p', 'results-rank');
  private readonly heads = new Map<string, HTMLTableCellElement>();
  private readonly body = element('tbody', '');
  private readonly rematch = element('button', 'main-button', 'Rematch');
  private readonly wait = element('p', 'results-wait');
  private readonly leaderboard = element('button', 'quiet-button', 'Leaderboard');
  private readonly leave = element('button', 'quiet-button', 'Leave');
  private shownRows: readonly ResultRow[] = [];
  private shownVersion = -1;

  constructor(onRematch: () => void, ways: Pick<WaysOut, 'leave' | 'openLeaderboard'>) {
    this.root.hidden = true;
    this.root.setAttribute('aria-labelledby', 'results-title');
    this.title.id = 'results-title';
    const table = element('table', 'results-table');
    const head = element('tr', '');
    for (const [name, kind] of COLUMNS) {
      const cell = element('th', `results-${kind}`);
      cell.append(element('span', kind === 'place' ? 'sr-only' : '', name));
      cell.scope = 'col';
      this.heads.set(kind, cell);
      head.append(cell);
    }
    const top = element('thead', '');
    top.append(head);
    table.append(top, this.body);
    const scroll = element('div', 'results-scroll');
    // Who has no mouse scrolls it, too.
    scroll.tabIndex = 0;
    scroll.setAttribute('role', 'region');
    scroll.setAttribute('aria-label', 'All places');
    scroll.append(table);
    const foot = element('footer', 'results-foot');
    this.rematch.type = 'button';
    this.rematch.addEventListener('click', onRematch);
    foot.append(this.rematch, this.wait, this.waysOut(ways));
    this.rank.setAttribute('role', 'status');
    this.root.append(this.title, this.subtitle, this.rank, scroll, foot);
  }

  /** Whether there is a leaderboard to open. */
  setLeaderboard(isThere: boolean): void {
    this.leaderboard.hidden = !isThere;
  }

  /** Where the player stands today; empty where that isn't known. */
  setRank(line: string): void {
    setText(this.rank, line);
  }

  update(room: Room, tick: number, tickRate: number): void {
    const isShown = room.phase.phase === 'results' && room.results.length > 0;
    if (isShown && this.root.hidden) {
      this.root.hidden = false;
      this.rematch.focus({ preventScroll: true });
    }
    this.root.hidden = !isShown;
    if (!isShown) {
      return;
    }
    if (this.shownRows !== room.results || this.shownVersion !== room.version) {
      this.shownRows = room.results;
      this.shownVersion = room.version;
      this.fill(room, tickRate);
    }
    const left = secondsLeft(room.phase.ends - tick, tickRate);
    const next = `Next game in ${left} s`;
    setText(this.rematch, room.isReady ? 'Ready' : 'Rematch');
    this.rematch.disabled = room.isReady;
    setText(this.wait, room.isReady ? `Waiting for the others. ${next}` : next);
  }

  private waysOut(ways: Pick<WaysOut, 'leave' | 'openLeaderboard'>): HTMLElement {
    const made = element('div', 'results-ways');
    this.leaderboard.type = 'button';
    this.leaderboard.setAttribute('aria-haspopup', 'dialog');
    this.leaderboard.addEventListener('click', () => ways.openLeaderboard());
    this.leave.type = 'button';
    this.leave.addEventListener('click', () => ways.leave());
    made.append(this.leaderboard, this.leave);
    return made;
  }

  private fill(room: Room, tickRate: number): void {
    const own = room.results.find(({ seat }) => seat === room.ownSeat);
    const winner = room.results[0];
    const hasWon = own !== undefined && own === winner;
    this.root.classList.toggle('is-won', hasWon);
    setText(this.title, hasWon ? 'You won!' : `${room.nameOf(winner?.seat ?? -1)} wins`);
    setText(this.subtitle, subtitle(own, room.results.length));
    const ranking = rankedBy(room.results);
    this.markRanking(ranking);
    this.body.replaceChildren(...room.results.map((row) => makeRow(row, room, ranking, tickRate)));
  }

  private markRanking(ranking: Ranking): void {
    for (const [kind, cell] of this.heads) {
      cell.classList.toggle('is-ranking', kind === ranking);
      if (kind === ranking) {
        cell.setAttribute('aria-sort', 'descending');
      } else {
        cell.removeAttribute('aria-sort');
      }
    }
  }
}

function subtitle(own: ResultRow | undefined, players: number): string {
  if (own === undefined) {
    return 'You play in the next game.';
  }
  const circles = own.circles === 1 ? '1 circle' : `${own.circles} circles`;
  const eaten = own.circles > 0 ? ` and ate ${circles}` : '';
  return `You came ${ordinal(own.place)} of ${players}${eaten}.`;
}

function makeRow(row: ResultRow, room: Room, ranking: Ranking, tickRate: number): HTMLElement {
  const isOwn = row.seat === room.ownSeat;
  const line = element('tr', isOwn ? 'is-own' : '');
  const figures: readonly (readonly [string, string])[] = [
    ['score', count(row.score)],
    ['largest', count(row.peakMass)],
    ['circles', count(row.circles)],
    ['knibbles', count(row.knibbles)],
    ['survived', clock(row.survived, tickRate)],
  ];
  line.append(
    element('td', 'results-place', String(row.place)),
    nameCell(row.seat, room, isOwn),
    ...figures.map(([kind, text]) => {
      const cell = element('td', `results-${kind}`, text);
      cell.classList.toggle('is-ranking', kind === ranking);
      return cell;
    }),
  );
  return line;
}

function nameCell(seat: number, room: Room, isOwn: boolean): HTMLElement {
  const name = element('td', 'results-name');
  const mark = new SeatMark();
  mark.show(seat, room.ownSeat);
  const label = element('span', 'results-label', room.nameOf(seat) || '…');
  name.append(mark.root, label);
  if (room.entry(seat)?.isBot === true) {
    name.append(botMark());
  }
  if (isOwn) {
    label.append(element('span', 'sr-only', ' (you)'));
  }
  return name;
}
