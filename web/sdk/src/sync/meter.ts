/** Counts and measures what comes in, for the statistics and for the ladder. */

import { sequenceDistance, sequencePlus } from '../protocol/sequence.ts';
import { Window } from './quantile.ts';
import type { Verdict } from './receiver.ts';

/** A gap between snapshots counts as starved from here on, in milliseconds. */
const STARVED_MS = 150;

/** Time that the picture was without fresh news. Pauses don't count. */
export class Starvation {
  /** The recent share is over this many buckets of a second. */
  private static readonly BUCKETS = 4;

  private last = Number.NaN;
  private isPaused = false;
  private total = 0;
  private starved = 0;
  private readonly recent = new Float64Array(Starvation.BUCKETS);
  private bucket = 0;

  /** A snapshot newer than all before has come in. */
  onSnapshot(now: number): void {
    if (this.isPaused) {
      return;
    }
    if (!Number.isNaN(this.last)) {
      this.account(now, Math.max(0, now - this.last));
    }
    this.last = now;
  }

  /** Nothing counts until {@link resume}. */
  pause(): void {
    this.isPaused = true;
    this.last = Number.NaN;
  }

  /** Counts on from `now`, as if a snapshot had come. */
  resume(now: number): void {
    this.isPaused = false;
    this.last = now;
  }

  /** The page itself stood still for so long up to now; that doesn't count. */
  excuse(stood: number): void {
    this.last += stood;
  }

  /** How long the newest snapshot has been here; 0 before the first and in a pause. */
  silence(now: number): number {
    return Number.isNaN(this.last) ? 0 : Math.max(0, now - this.last);
  }

  /** Share of all the time, 0 to 1. */
  share(now: number): number {
    const open = this.silence(now);
    const total = this.total + open;
    return total === 0 ? 0 : (this.starved + Math.max(0, open - STARVED_MS)) / total;
  }

  /** Share of about the last four seconds. */
  recentShare(now: number): number {
    this.turn(now);
    const open = Math.max(0, this.silence(now) - STARVED_MS);
    const sum = this.recent.reduce((a, b) => a + b, 0);
    return Math.min(1, (sum + open) / (Starvation.BUCKETS * 1_000));
  }

  private account(now: number, gap: number): void {
    const starved = Math.max(0, gap - STARVED_MS);
    this.total += gap;
    this.starved += starved;
    this.turn(now);
    const slot = this.bucket % Starvation.BUCKETS;
    this.recent[slot] = (this.recent[slot] ?? 0) + starved;
  }

  private turn(now: number): void {
    const bucket = Math.floor(now / 1_000);
    if (bucket - this.bucket >= Starvation.BUCKETS) {
      this.recent.fill(0);
    } else {
      for (let at = this.bucket + 1; at <= bucket; at += 1) {
        this.recent[at % Starvation.BUCKETS] = 0;
      }
    }
    this.bucket = Math.max(this.bucket, bucket);
  }
}

/** Which of the server's datagrams never came. */
export class DownLoss {
  private static readonly WINDOW = 200;

  /** The newest few may still be on their way. */
  private static readonly GRACE = 8;

  private readonly seen = new Uint8Array(256);
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

  /** Share of the last two hundred, 0 to 1. */
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
  /** Ages of the snapshots of the last minute at 20 Hz, and of those a net graph shows. */
  readonly ages = new Window(1_200);
  readonly recentAges = new Window(120);
  /** Lengths in pixels of the corrections of the last thirty seconds at 20 Hz. */
  readonly corrections = new Window(600);
  private readonly arrivals = new Window(128);
  private readonly verdicts: Record<Verdict, number> = {
    newest: 0,
    late: 0,
    duplicate: 0,
    undecodable: 0,
    malformed: 0,
  };

  onVerdict(verdict: Verdict): void {
    this.verdicts[verdict] += 1;
  }

  /** A snapshot is to be shown. */
  onShown(now: number): void {
    this.starvation.onSnapshot(now);
    this.arrivals.push(now);
  }

  /** The age of one that is shown, in milliseconds, where it is known. */
  onAge(age: number): void {
    this.ages.push(age);
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
    const recent = this.arrivals.toArray().filter((at) => now - at < 3_000);
    return recent.length / 3;
  }
}
