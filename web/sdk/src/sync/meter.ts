/** Counts and measures what comes in, for the statistics and for the ladder. */

import { sequenceDistance, sequencePlus } from '../protocol/sequence.ts';
import { RecentWindow, Window } from './quantile.ts';
import type { Verdict } from './receiver.ts';
import { Starvation } from './starvation.ts';

/** Which of the server's datagrams never came. */
export class DownLoss {
  private static readonly WINDOW = 400;

  /** The newest few may still be on their way. */
  private static readonly GRACE = 8;

  private readonly seen = new Uint8Array(512);
  private newest: number | undefined;
  private first = 0;
  private span = 0;
  private received = 0;

  onDatagram(sequence: number): void {
    if (this.newest === undefined) {
      this.first = sequence;
    }
    const step = this.newest === undefined ? 1 : sequenceDistance(sequence, this.newest);
    if (step > 0) {
      for (let back = Math.min(step, this.seen.length) - 1; back >= 0; back -= 1) {
        this.seen[sequencePlus(sequence, -back) % this.seen.length] = 0;
      }
      this.newest = sequence;
      this.span += step;
    }
    const slot = sequence % this.seen.length;
    if (step > -Math.min(this.seen.length, this.span) && this.seen[slot] !== 1) {
      this.seen[slot] = 1;
      this.received += 1;
    }
  }

  /**
   * The first and the newest number, counted on where the wire's wraps around, and how many from
   * the one to the other came; zeros before the first.
   */
  get sequences(): { first: number; newest: number; received: number } {
    const newest = this.first + Math.max(0, this.span - 1);
    return { first: this.first, newest, received: this.received };
  }

  /** Share of the last four hundred, 0 to 1. */
  share(): number {
    const count = Math.min(DownLoss.WINDOW, this.span - DownLoss.GRACE);
    if (this.newest === undefined || count <= 0) {
      return 0;
    }
    let missing = 0;
    for (let back = DownLoss.GRACE; back < DownLoss.GRACE + count; back += 1) {
      const sequence = sequencePlus(this.newest, -back);
      missing += this.seen[sequence % this.seen.length] === 1 ? 0 : 1;
    }
    return missing / count;
  }
}

/** All that is counted of one session's snapshots. */
export class Meter {
  readonly starvation = new Starvation();
  readonly downLoss = new DownLoss();
  /** Ages of the snapshots of the last minute, at sixty a second. */
  readonly ages = new RecentWindow(60_000, 3_600);
  /** Ages of those that a net graph shows. */
  readonly recentAges = new Window(120);
  /** Lengths in pixels of the corrections of the last minute, at sixty a second. */
  readonly corrections = new RecentWindow(60_000, 3_600);
  /** Bytes of State that came beside what a good path takes: snapshots in between, and repeats. */
  extraBytesIn = 0;
  /** Frames sampled, those of them beyond the newest view, and those that stood still. */
  readonly frames = { sampled: 0, extrapolated: 0, frozen: 0 };
  private readonly arrivals = new RecentWindow(3_000, 256);
  private readonly verdicts: Record<Verdict, number> = {
    newest: 0,
    late: 0,
    duplicate: 0,
    undecodable: 0,
    malformed: 0,
  };

  /** A frame was sampled. */
  onFrame(isExtrapolated: boolean, isFrozen: boolean): void {
    this.frames.sampled += 1;
    this.frames.extrapolated += isExtrapolated ? 1 : 0;
    this.frames.frozen += isFrozen ? 1 : 0;
  }

  onVerdict(verdict: Verdict): void {
    this.verdicts[verdict] += 1;
  }

  /** A snapshot is to be shown. */
  onShown(now: number): void {
    this.starvation.onSnapshot(now);
    this.arrivals.push(now, now);
  }

  /** The age of one that is shown, in milliseconds, where it is known. */
  onAge(now: number, age: number): void {
    this.ages.push(now, age);
    this.recentAges.push(age);
  }

  count(verdict: Verdict): number {
    return this.verdicts[verdict];
  }

  /** Snapshots decoded. */
  get snapshots(): number {
    return this.verdicts.newest + this.verdicts.late;
  }

  /** Shown snapshots a second over the last three. */
  rate(now: number): number {
    return this.arrivals.size(now) / 3;
  }
}
