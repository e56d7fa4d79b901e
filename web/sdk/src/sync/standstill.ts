/**
 * Notices when the page itself stood still: one long task of the main thread, and neither timers
 * nor datagrams are handed out. That time, and how late the backlog then comes in, says nothing
 * about the path. It judges no path; others leave out what it names. Where nothing comes in between
 * many in a row, it is not the page that keeps it.
 */

import { RecentTime } from './recent-time.ts';

/** Times in milliseconds of the caller's clock. */
export class Standstill {
  /** A gap this much longer than the timer's period is a standstill. */
  private static readonly SHORTEST_MS = 50;

  /** What comes in so soon after one may have waited for its end. */
  private static readonly BACKLOG_MS = 50;

  /** A page that never runs freely for so long is slow as a rule. */
  private static readonly PATIENCE_MS = 5_000;

  /** A single long one doesn't make a page that stands still again and again. */
  private static readonly MOST_COUNTED_MS = 1_000;

  /** So many in a row, with nothing heard between them, are told of. */
  private static readonly MOST_UNHEARD = 3;

  private readonly longestGap: number;
  private readonly notify: (stood: number) => void;
  private last: number | undefined;
  private endedAt = Number.NEGATIVE_INFINITY;
  private freeAt = 0;
  private lastGap = 0;
  private total = 0;
  private unheard = 0;
  private readonly recent = new RecentTime(4);

  /**
   * `period` is that of the timer which calls {@link look}; `notify` hears of each standstill, with
   * its length, before anything else happens after it.
   */
  constructor(period: number, notify: (stood: number) => void) {
    this.longestGap = period + Standstill.SHORTEST_MS;
    this.notify = notify;
  }

  /** To be called by the timer, and first of all by whatever else comes in from outside. */
  look(now: number): void {
    const gap = now - (this.last ?? now);
    this.freeAt = this.last === undefined ? now : this.freeAt;
    this.last = Math.max(now, this.last ?? now);
    if (gap > this.longestGap) {
      this.endedAt = now;
      this.lastGap = gap;
      this.total += gap;
      this.recent.add(now, Math.min(gap, Standstill.MOST_COUNTED_MS));
      this.unheard += 1;
      if (this.unheard <= Standstill.MOST_UNHEARD) {
        this.notify(gap);
      }
    } else if (now - this.endedAt > Standstill.BACKLOG_MS) {
      this.freeAt = now;
    }
  }

  /** Something has come in. */
  heard(): void {
    this.unheard = 0;
  }

  /**
   * How long what comes in at `now` may have waited in the page. It is `Infinity`, so that nothing
   * can be told from its arrival, unless the page never runs freely and there is nothing better.
   */
  waitedAt(now: number): number {
    if (now - this.endedAt > Standstill.BACKLOG_MS) {
      return 0;
    }
    const isUsual = now - this.freeAt > Standstill.PATIENCE_MS;
    return isUsual ? this.lastGap : Number.POSITIVE_INFINITY;
  }

  /** Share of about the last four seconds in which the page stood still, 0 to 1. */
  share(now: number): number {
    return this.recent.share(now);
  }

  /** The page was hidden up to now: how it stood still in that time says nothing about it. */
  forgetShare(): void {
    this.recent.clear();
  }

  /** All the time that the page stood still. */
  get time(): number {
    return this.total;
  }
}
