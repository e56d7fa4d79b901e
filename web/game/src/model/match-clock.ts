/**
 * The tick by which a match's times are told: the server's present one, as long as the server is heard.
 * Else nobody knows whether the match goes on, and what would be counted on may have to be taken back.
 */

import type { Status } from '@battle-circles/sdk';
import type { Room } from './room.ts';

/** The clock of one page. */
export class MatchClock {
  private current: number | undefined;

  /** The server's tick, or the last one that was known. */
  get tick(): number {
    return this.current ?? 0;
  }

  /** Takes the server's tick on where there is a session that plays and has told its phase. */
  update(serverTick: number, { state }: Pick<Status, 'state'>, { isKnown }: Room): void {
    if (this.current === undefined || (state === 'playing' && isKnown)) {
      this.current = serverTick;
    }
  }

  /** Begins anew with the next tick. */
  reset(): void {
    this.current = undefined;
  }
}
