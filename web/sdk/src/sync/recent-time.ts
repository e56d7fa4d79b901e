/** How much of about the last seconds had some property: starved, or stood still. */

const BUCKET_MS = 1_000;

/** Time is counted in buckets of a second. */
export class RecentTime {
  private readonly buckets: Float64Array;
  private bucket = 0;

  /** `seconds` to look back on. */
  constructor(seconds: number) {
    this.buckets = new Float64Array(seconds);
  }

  /** So many milliseconds up to `now` had it. */
  add(now: number, milliseconds: number): void {
    this.turn(now);
    const slot = this.bucket % this.buckets.length;
    this.buckets[slot] = (this.buckets[slot] ?? 0) + milliseconds;
  }

  /** The share of it, 0 to 1; `open` milliseconds are not counted yet. */
  share(now: number, open = 0): number {
    this.turn(now);
    const sum = this.buckets.reduce((total, part) => total + part, open);
    return Math.min(1, sum / (this.buckets.length * BUCKET_MS));
  }

  clear(): void {
    this.buckets.fill(0);
  }

  private turn(now: number): void {
    const bucket = Math.floor(now / BUCKET_MS);
    if (bucket - this.bucket >= this.buckets.length) {
      this.buckets.fill(0);
    } else {
      for (let at = this.bucket + 1; at <= bucket; at += 1) {
        this.buckets[at % this.buckets.length] = 0;
      }
    }
    this.bucket = Math.max(this.bucket, bucket);
  }
}
