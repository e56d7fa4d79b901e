/** Splits round trips into ways: when the server sent a snapshot, by the client's own clock. */

/** When the fastest path brings a tick's snapshot; nothing while the clock doesn't run. */
export type ArrivalOf = (tick: number) => number | undefined;

/** The lowest round trip is taken over this many buckets of a second, as the snapshot clock does. */
const BUCKETS = 10;
const BUCKET_MS = 1_000;

/** Where a path is as long the one way as the other while nothing holds it up. In milliseconds. */
export class PathTimes {
  private readonly arrivalOf: ArrivalOf;
  private readonly lows = new Float64Array(BUCKETS).fill(Number.POSITIVE_INFINITY);
  private bucket = 0;

  constructor(arrivalOf: ArrivalOf) {
    this.arrivalOf = arrivalOf;
  }

  /** Takes a round trip that ended at `now`. */
  onRoundTrip(now: number, roundTrip: number): void {
    const bucket = Math.floor(now / BUCKET_MS);
    for (let at = Math.max(this.bucket + 1, bucket - BUCKETS + 1); at <= bucket; at += 1) {
      this.lows[at % BUCKETS] = Number.POSITIVE_INFINITY;
    }
    this.bucket = Math.max(this.bucket, bucket);
    const slot = this.bucket % BUCKETS;
    this.lows[slot] = Math.min(this.lows[slot] ?? roundTrip, Math.max(0, roundTrip));
  }

  /** When the server sent the snapshot of a tick; nothing before the first round trip. */
  sentAt(tick: number): number | undefined {
    const arrival = this.arrivalOf(tick);
    const lowest = Math.min(...this.lows);
    const isKnown = arrival !== undefined && lowest < Number.POSITIVE_INFINITY;
    return isKnown ? arrival - lowest / 2 : undefined;
  }
}
