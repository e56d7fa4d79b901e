/**
 * The silence that is worth a second link: soon where long gaps are rare, later where they are the
 * rule. Times in milliseconds.
 */

import { SecondLongest } from '../sync/longest.ts';

/** A silence of so many intervals is suspect on a path that knows no gaps: 200 ms at 20 Hz. */
const MISSING_INTERVALS = 4;

/** However often snapshots come, so short a silence says nothing. */
const SHORTEST_MS = 150;

/** A silence is suspect when it is so much longer than what is usual here. */
const MARGIN = 1.25;

/** However usual long gaps are, a silence of so many intervals is suspect: 400 ms at 20 Hz. */
const MOST_INTERVALS = 8;

/**
 * The silence after which a link is suspect, from the time between two snapshots and the gap that is
 * usual here. It lies between four and eight intervals.
 */
export function suspectAfter(interval: number, usual: number): number {
  const least = Math.max(SHORTEST_MS, MISSING_INTERVALS * interval);
  const most = Math.max(2 * SHORTEST_MS, MOST_INTERVALS * interval);
  return Math.min(most, Math.max(least, MARGIN * usual));
}

/** The gaps between a link's snapshots in the last half minute. */
export class GapHistory {
  private readonly gaps = new SecondLongest(30_000, 15);

  /** Takes a gap that ended at `now`. */
  push(now: number, length: number): void {
    this.gaps.push(now, length);
  }

  /** A gap of this length is usual here: there was another one at least as long. */
  usual(now: number): number {
    return this.gaps.value(now);
  }
}
