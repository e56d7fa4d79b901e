/** The leaderboard: by day, week or ever, of all rooms or of one. */

import { LEADERBOARD_WINDOWS } from '@battle-circles/sdk';
import { isNoStorage } from '../app/records.ts';
import { element, setText } from '../hud/dom.ts';
import { LeaderboardTable } from './leaderboard-table.ts';
import type { Ranking } from './ranking.ts';
import { segmented } from './segmented.ts';
import { emptyText, recordsErrorText, WINDOW_NAMES, WINDOW_NOTES } from './words.ts';

/** The panel's content. */
export class LeaderboardPanel {
  readonly root = element('div', 'board');
  /** Called when it comes out that the server keeps nothing. */
  onNoStorage: () => void = () => undefined;
  private readonly scroll = element('div', 'board-scroll');
  private readonly table = new LeaderboardTable();
  private readonly status = element('p', 'board-status');
  private readonly more = element('button', 'quiet-button board-more');
  private readonly note = element('p', 'board-note');
  private readonly announcer = element('p', 'sr-only');

  /** `room` is offered beside all rooms; `player` gives one's own id. */
  constructor(
    private readonly ranking: Ranking,
    room: string | undefined,
    private readonly player: () => string | undefined,
  ) {
    const choices = element('div', 'board-choices');
    choices.append(this.windows());
    if (room !== undefined) {
      choices.append(this.rooms(room));
    }
    this.status.setAttribute('role', 'status');
    this.announcer.setAttribute('role', 'status');
    this.scroll.tabIndex = 0;
    this.scroll.setAttribute('role', 'region');
    this.scroll.setAttribute('aria-label', 'Ranking');
    this.more.type = 'button';
    this.more.addEventListener('click', () => void ranking.more());
    this.scroll.append(this.table.root, this.status, this.more);
    this.root.append(choices, this.scroll, this.note, this.announcer);
    ranking.onChange = () => this.update();
  }

  /** Reads the first page. */
  load(): void {
    void this.ranking.show(this.ranking.window, this.ranking.room);
  }

  private windows(): HTMLElement {
    const segments = LEADERBOARD_WINDOWS.map((value) => ({ value, label: WINDOW_NAMES[value] }));
    return segmented(
      'Time',
      segments,
      (window) => void this.ranking.show(window, this.ranking.room),
    );
  }

  private rooms(room: string): HTMLElement {
    const segments = [
      { value: undefined, label: 'All rooms' },
      { value: room, label: `Room “${room}”` },
    ];
    return segmented('Rooms', segments, (chosen) => {
      void this.ranking.show(this.ranking.window, chosen);
    });
  }

  private update(): void {
    const { ranking } = this;
    const { entries, window, room, error, isLoading } = ranking;
    this.table.fill(entries, ranking.ownElsewhere, this.player());
    setText(this.status, this.statusText());
    this.status.classList.toggle('is-error', error !== undefined);
    setText(this.note, WINDOW_NOTES[window]);
    const players = entries.length === 1 ? '1 player' : `${entries.length} players`;
    setText(this.announcer, isLoading ? '' : `${players} of ${room ?? 'all rooms'}`);
    this.scroll.setAttribute('aria-busy', String(isLoading));
    this.updateMore();
    if (isNoStorage(error)) {
      this.onNoStorage();
    }
  }

  private statusText(): string {
    const { entries, window, room, error, isLoading, own } = this.ranking;
    if (isLoading) {
      return entries.length === 0 ? 'Loading…' : '';
    }
    if (error !== undefined) {
      return recordsErrorText(error);
    }
    if (entries.length === 0) {
      return emptyText(window, room);
    }
    return own === undefined ? 'You are not on this list yet. Finish a game, and you are.' : '';
  }

  private updateMore(): void {
    const { hasMore, error, isLoading, entries } = this.ranking;
    const isRetry = error !== undefined && !isNoStorage(error);
    const isWanted = hasMore || isRetry || (isLoading && entries.length > 0);
    if (!isWanted && document.activeElement === this.more) {
      this.scroll.focus({ preventScroll: true });
    }
    this.more.hidden = !isWanted;
    const label = isRetry ? 'Try again' : 'Show more';
    setText(this.more, isLoading ? 'Loading…' : label);
  }
}
