/** The leaderboard's rows. One's own is told by a word as well as by its colour. */

import type { LeaderboardEntry } from '@battle-circles/sdk';
import { element } from '../hud/dom.ts';
import { count } from '../hud/format.ts';

const COLUMNS = [
  ['Rank', 'rank'],
  ['Player', 'name'],
  ['Points', 'score'],
  ['Games', 'count'],
  ['Won', 'count'],
] as const;

/** The table. */
export class LeaderboardTable {
  readonly root = element('table', 'board-table');
  private readonly body = element('tbody', '');
  /** The own row where it is on no page yet. */
  private readonly foot = element('tfoot', '');

  constructor() {
    const line = element('tr', '');
    for (const [name, kind] of COLUMNS) {
      const cell = element('th', `board-${kind}`, name);
      cell.scope = 'col';
      line.append(cell);
    }
    const head = element('thead', '');
    head.append(line);
    this.root.append(head, this.body, this.foot);
  }

  /** Shows these; `player` is one's own id. */
  fill(
    entries: readonly LeaderboardEntry[],
    ownElsewhere: LeaderboardEntry | undefined,
    player: string | undefined,
  ): void {
    this.body.replaceChildren(...entries.map((entry) => row(entry, entry.player === player)));
    this.foot.replaceChildren(...(ownElsewhere === undefined ? [] : [row(ownElsewhere, true)]));
    this.root.hidden = entries.length === 0;
  }
}

function row(entry: LeaderboardEntry, isOwn: boolean): HTMLTableRowElement {
  const line = element('tr', isOwn ? 'is-own' : '');
  const name = element('td', 'board-name');
  name.append(element('bdi', 'board-label', entry.name));
  if (isOwn) {
    name.append(element('span', 'board-you', 'You'));
  }
  line.append(
    element('td', 'board-rank', count(entry.rank)),
    name,
    element('td', 'board-score', count(entry.score)),
    element('td', 'board-count', count(entry.games)),
    element('td', 'board-count', count(entry.won)),
  );
  return line;
}
