/**
 * The long gaps between a link's snapshots lately, and from them the silence that is worth a second
 * link: soon where gaps are rare, later where they are the rule. Times in milliseconds.
 */

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

/** The longest gaps of the last half minute. */
export class GapHistory {
  private static readonly MEMORY_MS = 30_000;

  /** Gaps held; the oldest goes first. */
  private static readonly CAPACITY = 16;

  private readonly lengths = new Float64Array(GapHistory.CAPACITY);
  private readonly ends = new Float64Array(GapHistory.CAPACITY).fill(Number.NEGATIVE_INFINITY);
  private next = 0;

  /** Takes a gap that ended at `now`. Only those worth remembering need be told. */
  push(now: number, length: number): void {
    this.lengths[this.next] = length;
    this.ends[this.next] = now;
    this.next = (this.next + 1) % GapHistory.CAPACITY;
  }

  /** The second longest, so that a single one is no rule yet; 0 where there were fewer than two. */
  usual(now: number): number {
    let longest = 0;
    let second = 0;
    for (let slot = 0; slot < GapHistory.CAPACITY; slot += 1) {
      const length = this.lengths[slot] ?? 0;
      if (now - (this.ends[slot] ?? 0) > GapHistory.MEMORY_MS) {
        continue;
      }
      if (length > longest) {
        second = longest;
        longest = length;
      } else if (length > second) {
        second = length;
      }
    }
    return second;
  }
}
