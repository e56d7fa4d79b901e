/** What the ladder remembers of each attempt and of each rung. No decisions are made here. */

import type { LinkUse } from '../protocol/control.ts';
import type { RungKind } from '../rung.ts';

/** One link, from the wish to open it. */
export class Attempt {
  readonly id: number;
  readonly rung: RungKind;
  isAttached = false;
  use: LinkUse = 'active';
  /** Since when a snapshot is expected of it. */
  expectedSince: number;
  lastSnapshotAt = Number.NEGATIVE_INFINITY;
  /** Since when its snapshots have come without a stall. */
  goodSince = Number.POSITIVE_INFINITY;
  private excused = 0;

  constructor(id: number, rung: RungKind, now: number) {
    this.id = id;
    this.rung = rung;
    this.expectedSince = now;
  }

  get hadSnapshot(): boolean {
    return this.lastSnapshotAt > Number.NEGATIVE_INFINITY;
  }

  attach(): void {
    this.isAttached = true;
  }

  snapshot(now: number, stallMs: number): void {
    this.isAttached = true;
    if (now - this.lastSnapshotAt - this.excused > stallMs) {
      this.goodSince = now;
    }
    this.lastSnapshotAt = now;
    this.excused = 0;
    this.expectedSince = now;
  }

  /** So much of the time since its last snapshot doesn't count. */
  excuse(stood: number): void {
    this.expectedSince += stood;
    this.excused += stood;
  }

  setUse(now: number, use: LinkUse): void {
    this.use = use;
    this.expectedSince = now;
  }
}

/** How a rung has fared. */
export class RungRecord {
  /** Back-off while another link carries the game: 5 s, doubling to a minute. */
  private static readonly CLIMB_MS = 5_000;
  private static readonly LONGEST_CLIMB_MS = 60_000;

  /** Back-off while none does: 0.4 s, doubling to 5 s. */
  private static readonly RETRY_MS = 400;
  private static readonly LONGEST_RETRY_MS = 5_000;

  /** Spreads the return of many clients after a server's restart. */
  private static readonly SPREAD_MS = 200;

  private readonly jitter: number;
  private failures = 0;
  private since = Number.NEGATIVE_INFINITY;
  private lost = 0;

  /** `jitter`: from 0 up to 1, this client's own. */
  constructor(jitter: number) {
    this.jitter = jitter;
  }

  /** Times that it carried the game and went silent, since it last was good for long. */
  get setbacks(): number {
    return this.lost;
  }

  /** Whether its last attempt brought nothing. */
  get hasFailed(): boolean {
    return this.failures > 0;
  }

  /** Whether the back-off is over. `hasGame`: another link carries the game well. */
  mayTry(now: number, hasGame: boolean): boolean {
    return now >= this.since + this.backOff(hasGame);
  }

  succeeded(): void {
    this.failures = 0;
  }

  failed(now: number): void {
    this.failures += 1;
    this.since = now;
  }

  /** A link that had worked is gone; the rung may well be fine. */
  ended(now: number): void {
    this.since = now + this.jitter * RungRecord.SPREAD_MS;
  }

  lostGame(): void {
    this.lost += 1;
  }

  /** It has been good for long: its setbacks are forgotten. */
  absolve(): void {
    this.lost = 0;
  }

  retryAt(time: number): void {
    this.since = time;
    this.failures = 0;
  }

  /** Circumstances have changed: what failed before may work now. */
  forgive(now: number): void {
    this.retryAt(now);
  }

  private backOff(hasGame: boolean): number {
    if (this.failures === 0) {
      return 0;
    }
    const doubled = 2 ** Math.min(10, this.failures - 1);
    const plain = hasGame
      ? Math.min(RungRecord.LONGEST_CLIMB_MS, RungRecord.CLIMB_MS * doubled)
      : Math.min(RungRecord.LONGEST_RETRY_MS, RungRecord.RETRY_MS * doubled);
    return plain * (0.5 + this.jitter);
  }
}
