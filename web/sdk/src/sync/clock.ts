/**
 * The server's clock as snapshots tell it: which tick the fastest path brings now. It never steps
 * while the picture moves; it leans towards what the lowest-delay arrivals say. Times in
 * milliseconds of the caller's clock.
 */

import { RecentWindow } from './quantile.ts';

/** Tells ticks from arrival times. */
export class SnapshotClock {
  /** The lowest delay is taken over this many buckets of {@link BUCKET_MS}. */
  private static readonly BUCKETS = 10;
  private static readonly BUCKET_MS = 1_000;

  /** Time in which half a small error is slewed away. */
  private static readonly HALF_LIFE_MS = 350;

  /** How much faster or slower than the server the clock may run to slew, and while far off. */
  private static readonly MAX_SLEW = 0.05;
  private static readonly MAX_SLEW_FAR = 0.25;
  private static readonly FAR_MS = 100;

  /** After a standstill of the page the clock is set at once when it is this much behind. */
  private static readonly LEAP_MS = 50;

  /**
   * A server that fell behind gives the lost time up; that is believed when so many snapshots, over
   * so long a time, are all late by more than this.
   */
  private static readonly SLIP_SNAPSHOTS = 6;
  private static readonly SLIP_TIME_MS = 240;
  private static readonly SLIP_MS = 25;

  private readonly tickMs: number;
  private readonly recent = new RecentWindow(5_000, 32);
  private readonly lows = new Float64Array(SnapshotClock.BUCKETS).fill(Number.POSITIVE_INFINITY);
  private bucket = 0;
  private bucketSince = 0;
  private lowest = Number.POSITIVE_INFINITY;
  private offset = Number.NaN;
  private slipCount = 0;
  private slewedAt = 0;
  private startedAt = 0;
  private mayLeap = false;

  /** `tickMs` is a tick's length. */
  constructor(tickMs: number) {
    this.tickMs = tickMs;
  }

  /** Whether any snapshot has come in since the start or the last {@link restart}. */
  get isRunning(): boolean {
    return !Number.isNaN(this.offset);
  }

  /** Times that the server's clock was found to have slipped. */
  get slips(): number {
    return this.slipCount;
  }

  /** Forgets all, so that the next snapshot sets the clock at once: after the page was hidden. */
  restart(): void {
    this.offset = Number.NaN;
    this.lows.fill(Number.POSITIVE_INFINITY);
    this.lowest = Number.POSITIVE_INFINITY;
    this.recent.clear();
  }

  /**
   * Takes the arrival of a snapshot of `tick`. Gives its delay over the fastest's, at least 0.
   * `pathSlack`: milliseconds by which the round trip is now longer than at its best, once known.
   * `wasDelayed`: it may have come before `now` and waited in the page.
   */
  onSnapshot(now: number, tick: number, pathSlack?: number, wasDelayed = false): number {
    const sample = now - tick * this.tickMs;
    if (!this.isRunning) {
      this.offset = sample;
      this.slewedAt = now;
      this.startedAt = now;
      this.bucketSince = now;
    }
    this.turn(now);
    this.lows[this.bucket] = Math.min(this.lows[this.bucket] ?? sample, sample);
    this.lowest = least(this.lows);
    if (wasDelayed) {
      this.mayLeap = true;
    } else {
      this.recent.push(now, sample);
      this.noticeSlip(now, pathSlack);
      this.leap();
    }
    return sample - this.lowest;
  }

  /** When the fastest path brings this tick's snapshot, not slewed. */
  arrivalOf(tick: number): number {
    return this.lowest + tick * this.tickMs;
  }

  /** The tick, with its fraction, whose snapshot the fastest path brings at `now`; slewed. */
  tickAt(now: number): number {
    this.slew(now);
    return (now - this.offset) / this.tickMs;
  }

  /**
   * Goes back by up to `milliseconds`, as far as the clock is ahead of what snapshots say: for when
   * the picture stands still because of that, so that nobody sees the step.
   */
  retard(milliseconds: number): void {
    if (this.isRunning && this.lowest < Number.POSITIVE_INFINITY) {
      this.offset += Math.max(0, Math.min(milliseconds, this.lowest - this.offset));
    }
  }

  /** A clock that a backlog has set late is put right at once: the picture stood still anyway. */
  private leap(): void {
    if (this.mayLeap && this.offset - this.lowest > SnapshotClock.LEAP_MS) {
      this.offset = this.lowest;
    }
    this.mayLeap = false;
  }

  /** All snapshots late, and the path as fast as ever: it is the server's clock that has slipped. */
  private noticeSlip(now: number, pathSlack: number | undefined): void {
    const fastest = this.recent.leastOf(
      now,
      SnapshotClock.SLIP_SNAPSHOTS,
      SnapshotClock.SLIP_TIME_MS,
    );
    if (pathSlack === undefined || fastest === undefined) {
      return;
    }
    if (fastest - this.lowest > Math.max(SnapshotClock.SLIP_MS, 2 * pathSlack)) {
      this.lows.fill(Number.POSITIVE_INFINITY);
      this.lows[this.bucket] = fastest;
      this.lowest = fastest;
      this.slipCount += 1;
    }
  }

  private turn(now: number): void {
    while (now - this.bucketSince >= SnapshotClock.BUCKET_MS) {
      this.bucket = (this.bucket + 1) % SnapshotClock.BUCKETS;
      this.lows[this.bucket] = Number.POSITIVE_INFINITY;
      const idle = now - this.bucketSince >= SnapshotClock.BUCKETS * SnapshotClock.BUCKET_MS;
      this.bucketSince = idle ? now : this.bucketSince + SnapshotClock.BUCKET_MS;
    }
  }

  private slew(now: number): void {
    const elapsed = now - this.slewedAt;
    if (!(elapsed > 0) || this.lowest === Number.POSITIVE_INFINITY) {
      return;
    }
    this.slewedAt = now;
    const error = this.lowest - this.offset;
    const isFar =
      Math.abs(error) > SnapshotClock.FAR_MS || now - this.startedAt < 2 * SnapshotClock.BUCKET_MS;
    const most = elapsed * (isFar ? SnapshotClock.MAX_SLEW_FAR : SnapshotClock.MAX_SLEW);
    const target = error * (1 - 0.5 ** (elapsed / SnapshotClock.HALF_LIFE_MS));
    this.offset += Math.min(most, Math.max(-most, target));
  }
}

function least(values: Float64Array): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const value of values) {
    lowest = Math.min(lowest, value);
  }
  return lowest;
}
