/**
 * Whether what is sent stands in a queue on the path, as round trips tell: the least of the last
 * moments, less the least of the last half minute. The least, because jitter lengthens some round
 * trips, and a queue that stands lengthens all. Times in milliseconds.
 */

/** What the last moments are; where fewer samples came, so many of the last ones, if no older. */
const RECENT_MS = 500;
const FEWEST = 3;
const OLDEST_MS = 1_500;

/** The least round trip is that of the last one to two such spans. */
const SPAN_MS = 15_000;

/** A queue that delays by so much stands; one that delays by less is none. */
const HIGH_MS = 60;
const LOW_MS = 30;

/** A longer round trip is taken for a queue at first: one that stood from the beginning looks like a long path. */
const LONG_MS = 250;

/** What has not become shorter after so long is the path's own, or the queue of others. */
const PATIENCE_MS = 6_000;
const SHORTER = 0.75;

/** Without a queue for so long, the path is taken to have room again; later, where that was too soon. */
const SHORTEST_HOLD_MS = 10_000;
const LONGEST_HOLD_MS = 60_000;

interface Sample {
  readonly at: number;
  readonly roundTrip: number;
}

/** What round trips tell of one path. */
export class Congestion {
  private readonly recent: Sample[] = [];
  private lowest = Number.POSITIVE_INFINITY;
  private lowestBefore = Number.POSITIVE_INFINITY;
  private spanBegan = Number.NEGATIVE_INFINITY;
  private isLong = false;
  private hold = SHORTEST_HOLD_MS;
  /** When a queue last stood, and, while one does or has lately, since when and how long it was. */
  private stoodAt = Number.NEGATIVE_INFINITY;
  private began: { at: number; delay: number } | undefined;

  /** Whether one stands or has lately, by the last sample. */
  get isCongested(): boolean {
    return this.began !== undefined;
  }

  onRoundTrip(now: number, roundTrip: number): void {
    if (now - this.spanBegan >= SPAN_MS) {
      this.lowestBefore = this.lowest;
      this.lowest = Number.POSITIVE_INFINITY;
      this.spanBegan = now;
    }
    this.lowest = Math.min(this.lowest, roundTrip);
    this.recent.push({ at: now, roundTrip });
    while (now - (this.recent[0]?.at ?? now) > OLDEST_MS) {
      this.recent.shift();
    }
    const least = this.least(now);
    if (least !== undefined) {
      this.judge(now, least);
    }
  }

  /** The path is another one from now on, or may be. */
  forget(): void {
    this.excuse();
    this.lowest = Number.POSITIVE_INFINITY;
    this.lowestBefore = Number.POSITIVE_INFINITY;
    this.isLong = false;
    this.began = undefined;
  }

  /** What came in the last moments says nothing of the path. */
  excuse(): void {
    this.recent.length = 0;
  }

  private judge(now: number, least: number): void {
    const base = Math.min(this.lowest, this.lowestBefore);
    const delay = Math.max(least - base, this.isLong ? 0 : least - LONG_MS);
    if (delay > HIGH_MS) {
      this.onQueue(now, delay, least);
    } else if (delay >= LOW_MS) {
      this.stoodAt = this.began === undefined ? this.stoodAt : now;
    } else if (now - this.stoodAt > this.hold) {
      this.began = undefined;
    }
  }

  private onQueue(now: number, delay: number, least: number): void {
    if (this.began === undefined) {
      const isRelapse = now - this.stoodAt < 3 * this.hold;
      this.hold = isRelapse ? Math.min(LONGEST_HOLD_MS, 2 * this.hold) : SHORTEST_HOLD_MS;
      this.began = { at: now, delay };
    } else if (delay < this.began.delay * SHORTER || now - this.stoodAt > this.hold / 2) {
      // It goes, or is another one: the next look counts from here.
      this.began = { at: now, delay };
    } else if (now - this.began.at > PATIENCE_MS) {
      this.lowest = least;
      this.lowestBefore = least;
      this.isLong = true;
      this.began = undefined;
      this.hold = SHORTEST_HOLD_MS;
      return;
    }
    this.stoodAt = now;
  }

  private least(now: number): number | undefined {
    let least = Number.POSITIVE_INFINITY;
    let count = 0;
    for (let index = this.recent.length - 1; index >= 0; index -= 1) {
      const { at, roundTrip } = this.recent[index] as Sample;
      if (count >= FEWEST && now - at > RECENT_MS) {
        break;
      }
      least = Math.min(least, roundTrip);
      count += 1;
    }
    return count >= FEWEST ? least : undefined;
  }
}
