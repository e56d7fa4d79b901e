/** The last few deaths, each for a while. Times are arguments, in milliseconds. */

/** One line of the feed. */
export interface Kill {
  /** Counts up; tells lines apart. */
  readonly id: number;
  readonly victim: number;
  /** Absent when the victim withered outside the boundary. */
  readonly eater: number | undefined;
  readonly at: number;
}

/** Lines shown at once. */
export const FEED_LINES = 4;

/** How long a line stays. */
export const FEED_TIME = 6_000;

/** A feed of the newest lines, newest last. */
export class KillFeed {
  private kept: readonly Kill[] = [];
  private count = 0;

  get lines(): readonly Kill[] {
    return this.kept;
  }

  add(victim: number, eater: number | undefined, now: number): void {
    this.count += 1;
    this.kept = [...this.kept, { id: this.count, victim, eater, at: now }].slice(-FEED_LINES);
  }

  /** Drops the lines that have had their time. */
  expire(now: number): void {
    if (this.kept.some((kill) => now - kill.at >= FEED_TIME)) {
      this.kept = this.kept.filter((kill) => now - kill.at < FEED_TIME);
    }
  }

  clear(): void {
    this.kept = [];
  }
}
