/**
 * The silence that is worth a second link: soon where long gaps are rare, later where they are the
 * rule. Times in milliseconds.
 */

import { SecondLongest } from '../../sync/longest.ts';

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

/** The server may have heard nothing for so long on a path that is known to lose little: four datagrams. */
const SHORTEST_UP_MS = 120;
/** The same on a path of which little is known, and wherever it often hears nothing for long. */
const CAUTIOUS_UP_MS = 300;
const LONGEST_UP_MS = 400;
const UP_MARGIN = 2;
/** So long a path is watched before it is known. */
const UP_WATCHED_MS = 5_000;

/**
 * The silence on the way up after which it is suspect, from the one that is usual here and for how
 * long that was watched. Losses up don't starve anyone, so it can be twice what is usual.
 */
export function uplinkSuspectAfter(usual: number, watched: number): number {
  const least = watched < UP_WATCHED_MS ? CAUTIOUS_UP_MS : SHORTEST_UP_MS;
  return Math.min(LONGEST_UP_MS, Math.max(least, UP_MARGIN * usual));
}

/** The gaps of a path lately, in the last half minute unless it is told otherwise. */
export class GapHistory {
  private readonly gaps: SecondLongest;

  constructor(memory = 30_000) {
    this.gaps = new SecondLongest(memory, 15);
  }

  /** Takes a gap that ended at `now`. */
  push(now: number, length: number): void {
    this.gaps.push(now, length);
  }

  /** A gap of this length is usual here: there was another one at least as long. */
  usual(now: number): number {
    return this.gaps.value(now);
  }
}
