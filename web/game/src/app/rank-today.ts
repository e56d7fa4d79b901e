/**
 * Where one stands today, told in the results: asked for once a game, when its points are stored. Who
 * stands nowhere may have been deleted on another device, and is told that.
 */

import type { LeaderboardEntry } from '@battle-circles/sdk';
import { count, ordinal } from '../hud/format.ts';
import type { Room } from '../model/room.ts';
import { DELETED_IN_GAME } from './deleted-text.ts';

/** The server stores a match within about a second; in milliseconds. */
const STORED_AFTER = 2_000;

/** The line of the results of one game after the other. */
export class RankToday {
  /** Empty while nothing is known. */
  line = '';
  private results: { readonly game: number; readonly since: number; isAsked: boolean } | undefined;

  /**
   * `read` gives the own entry of today's leaderboard, if there is one; `findDeleted` says whether
   * who plays here was deleted.
   */
  constructor(
    private readonly read: () => Promise<LeaderboardEntry | undefined>,
    private readonly findDeleted: () => Promise<boolean>,
  ) {}

  /** To be called often; `now` in milliseconds. */
  update(room: Room, now: number): void {
    const { phase, game } = room.phase;
    const isOver = phase === 'results' && room.results.some(({ seat }) => seat === room.ownSeat);
    if (!isOver || this.results?.game !== game) {
      this.results = isOver ? { game, since: now, isAsked: false } : undefined;
      this.line = '';
    }
    const { results } = this;
    if (results !== undefined && !results.isAsked && now - results.since >= STORED_AFTER) {
      results.isAsked = true;
      void this.ask(results);
    }
  }

  private async ask(results: unknown): Promise<void> {
    const line = await this.find();
    if (this.results === results) {
      this.line = line;
    }
  }

  private async find(): Promise<string> {
    const entry = await this.read();
    if (entry !== undefined) {
      return rankLine(entry);
    }
    return (await this.findDeleted()) ? DELETED_IN_GAME : '';
  }
}

/** For example “Today you are 12th, with 3 400 points.” */
export function rankLine({ rank, score }: LeaderboardEntry): string {
  const points = score === 1 ? '1 point' : `${count(score)} points`;
  return `Today you are ${ordinal(rank)}, with ${points}.`;
}
