/** Counts and measures what comes in, for the statistics and for the ladder. */

import { sequenceDistance, sequencePlus } from '../protocol/sequence.ts';
import { RecentWindow, Window } from './quantile.ts';
import type { Verdict } from './receiver.ts';
import { Starvation } from './starvation.ts';

/** What is known of a datagram of the server's. */
const MISSING = 0;
const RECEIVED = 1;
const MISSED_BY_PAGE = 2;

/** Which of the server's datagrams never came, and which of them the page itself missed. */
export class DownLoss {
  private static readonly WINDOW = 400;

  /** The newest few may still be on their way. */
  private static readonly GRACE = 8;

  private readonly seen = new Uint8Array(512);
  private newest: number | undefined;
  private first = 0;
  private span = 0;
  private received = 0;
  private missable = 0;

  /**
   * The page stood still just now, and has missed so many datagrams by that at most: browsers drop
   * what has waited for longest.
   */
  excuse(most: number): void {
    this.missable += most;
  }

  onDatagram(sequence: number): void {
    if (this.newest === undefined) {
      this.first = sequence;
    }
    const step = this.newest === undefined ? 1 : sequenceDistance(sequence, this.newest);
    if (step > 0) {
      const unmissed = Math.max(0, step - 1 - this.missable);
      for (let back = Math.min(step, this.seen.length) - 1; back >= 0; back -= 1) {
        const became = back > unmissed ? MISSED_BY_PAGE : MISSING;
        this.seen[sequencePlus(sequence, -back) % this.seen.length] = became;
      }
      this.missable = 0;
      this.newest = sequence;
      this.span += step;
    }
    const slot = sequence % this.seen.length;
    if (step > -Math.min(this.seen.length, this.span) && this.seen[slot] !== RECEIVED) {
      this.seen[slot] = RECEIVED;
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

  /** Share of the last four hundred that the network lost, 0 to 1. */
  share(): number {
    return this.shareOf(MISSING);
  }

  /** Share of the last four hundred that came to a page which stood still, and were dropped there. */
  missedShare(): number {
    return this.shareOf(MISSED_BY_PAGE);
  }

  private shareOf(what: number): number {
    const count = Math.min(DownLoss.WINDOW, this.span - DownLoss.GRACE);
    if (this.newest === undefined || count <= 0) {
      return 0;
    }
    let found = 0;
    for (let back = DownLoss.GRACE; back < DownLoss.GRACE + count; back += 1) {
      const sequence = sequencePlus(this.newest, -back);
      found += this.seen[sequence % this.seen.length] === what ? 1 : 0;
    }
    return found / count;
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
  /** Snapshots since the last one that could be decoded. */
  undecodableInRow = 0;
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
    if (verdict === 'undecodable') {
      this.undecodableInRow += 1;
    } else if (verdict === 'newest' || verdict === 'late') {
      this.undecodableInRow = 0;
    }
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
