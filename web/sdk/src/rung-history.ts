/** Which rungs have carried the game, and since when. Times in milliseconds. */

import type { RungKind } from './rung.ts';
import type { RungChange } from './stats.ts';

/** Most changes of rung that are remembered. */
const REMEMBERED = 64;

/** The moves of one client, from its connect on. */
export class RungHistory {
  private changes: RungChange[] = [];
  private startedAt = 0;
  private firstMoveAfter = 0;

  start(now: number): void {
    this.startedAt = now;
  }

  /** The game is carried by another rung, or by none. */
  moved(now: number, from: RungKind | undefined, to: RungKind | undefined, why: string): void {
    const at = now - this.startedAt;
    this.changes = [...this.changes, { at, from, to, why }].slice(-REMEMBERED);
    if (this.firstMoveAfter === 0) {
      this.firstMoveAfter = at;
    }
  }

  /** The last ones, oldest first. */
  get log(): readonly RungChange[] {
    return this.changes;
  }

  /** From the start to the first snapshot, which makes the first move; 0 before it. */
  get firstSnapshotAfter(): number {
    return this.firstMoveAfter;
  }
}
