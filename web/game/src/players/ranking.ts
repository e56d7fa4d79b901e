/** The leaderboard as far as it has been read: page after page, of one window and room at a time. */

import type {
  LeaderboardEntry,
  LeaderboardPage,
  LeaderboardQuery,
  LeaderboardWindow,
} from '@battle-circles/sdk';

/** Entries of a page. */
const PAGE_SIZE = 25;

/** Pages of the ranking. */
export class Ranking {
  /** Called after each change. */
  onChange: () => void = () => undefined;
  window: LeaderboardWindow = 'day';
  room: string | undefined;
  /** Best first. */
  entries: readonly LeaderboardEntry[] = [];
  own: LeaderboardEntry | undefined;
  isLoading = false;
  /** Why there is no page, or no further one, if there is none. */
  error: unknown;
  private next: string | undefined;
  /** Tells the answer that is waited for from those that come too late. */
  private turn = 0;

  constructor(private readonly read: (query: LeaderboardQuery) => Promise<LeaderboardPage>) {}

  /** Whether there is a further page. */
  get hasMore(): boolean {
    return this.next !== undefined;
  }

  /** The own entry where it is on no page that has been read. */
  get ownElsewhere(): LeaderboardEntry | undefined {
    const { own, entries } = this;
    return entries.some(({ player }) => player === own?.player) ? undefined : own;
  }

  /** Reads the first page of this window and room. */
  async show(window: LeaderboardWindow, room: string | undefined): Promise<void> {
    this.window = window;
    this.room = room;
    this.entries = [];
    this.own = undefined;
    this.next = undefined;
    await this.load();
  }

  /** Reads the next page, if there is one, or the same one again where that has failed. */
  async more(): Promise<void> {
    if (!this.isLoading && (this.hasMore || this.error !== undefined)) {
      await this.load();
    }
  }

  private async load(): Promise<void> {
    this.turn += 1;
    const { turn, window, room, next: after } = this;
    this.isLoading = true;
    this.error = undefined;
    this.onChange();
    try {
      const page = await this.read({ window, room, after, limit: PAGE_SIZE });
      if (turn === this.turn) {
        this.take(page);
      }
    } catch (error) {
      if (turn === this.turn) {
        this.error = error;
      }
    }
    if (turn === this.turn) {
      this.isLoading = false;
      this.onChange();
    }
  }

  /** Who has moved down meanwhile comes twice, and stays where it was first. */
  private take({ entries, own, next }: LeaderboardPage): void {
    const known = new Set(this.entries.map(({ player }) => player));
    this.entries = [...this.entries, ...entries.filter(({ player }) => !known.has(player))];
    this.own = own;
    this.next = next;
  }
}
