/** The table at the end of a game, and the way to the next. */

import type { WaysOut } from '../app/ways-out.ts';
import type { ResultRow } from '../model/events.ts';
import type { Room } from '../model/room.ts';
import { circleColour, cssColour } from '../view/palette.ts';
import { element, setText } from './dom.ts';
import { clock, count, ordinal, secondsLeft } from './format.ts';

const COLUMNS = [
  ['', 'place'],
  ['Player', 'name'],
  ['Score', 'score'],
  ['Largest', 'wide'],
  ['Circles', 'wide'],
  ['Knibbles', 'wide'],
  ['Alive', 'wide'],
] as const;

/** The panel in the middle. */
export class Results {
  readonly root = element('section', 'panel results');
  private readonly title = element('h2', 'results-title');
  private readonly subtitle = element('p', 'results-subtitle');
  private readonly rank = element('p', 'results-rank');
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
      const cell = element('th', `results-${kind}`, name);
      cell.scope = 'col';
      head.append(cell);
    }
    const top = element('thead', '');
    top.append(head);
    table.append(top, this.body);
    const scroll = element('div', 'results-scroll');
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
    this.body.replaceChildren(
      ...room.results.map((row) => makeRow(row, room, row === own, tickRate)),
    );
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

function makeRow(row: ResultRow, room: Room, isOwn: boolean, tickRate: number): HTMLElement {
  const line = element('tr', isOwn ? 'is-own' : '');
  const name = element('td', 'results-name');
  const dot = element('span', 'standing-dot');
  dot.style.backgroundColor = cssColour(circleColour(row.seat, room.ownSeat));
  const label = element('span', 'results-label', room.nameOf(row.seat) || '…');
  name.append(dot, label);
  if (room.entry(row.seat)?.isBot === true) {
    name.append(element('span', 'results-note', 'bot'));
  }
  if (isOwn) {
    label.append(element('span', 'sr-only', ' (you)'));
  }
  line.append(
    element('td', 'results-place', String(row.place)),
    name,
    element('td', 'results-score', count(row.score)),
    element('td', 'results-wide', count(row.peakMass)),
    element('td', 'results-wide', count(row.circles)),
    element('td', 'results-wide', count(row.knibbles)),
    element('td', 'results-wide', clock(row.survived, tickRate)),
  );
  return line;
}
