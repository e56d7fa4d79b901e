/** The newest probes of one direction, settled for good, in typed arrays of a fixed size. */

/** A ring of probes in order of time; a new one drives out the oldest. */
export class ProbeRing {
  private readonly times: Float64Array;
  private readonly delays: Float32Array;
  private next = 0;
  private count = 0;
  private latest = Number.NEGATIVE_INFINITY;
  private skipped = 0;

  constructor(capacity: number) {
    this.times = new Float64Array(capacity);
    this.delays = new Float32Array(capacity);
  }

  /**
   * Takes a probe that was sent at `at`, in milliseconds; `delay` is `NaN` when it was lost. A time
   * before the last one's is taken as that.
   */
  push(at: number, delay: number): void {
    this.latest = Math.max(this.latest, at - this.skipped);
    this.times[this.next] = this.latest;
    this.delays[this.next] = delay;
    this.next = (this.next + 1) % this.times.length;
    this.count = Math.min(this.count + 1, this.times.length);
  }

  /** Leaves so many milliseconds out of the time of all that follows. */
  skip(milliseconds: number): void {
    this.skipped += milliseconds;
  }

  get size(): number {
    return this.count;
  }

  /** When the probe at `index` was sent, counted from the oldest. */
  timeAt(index: number): number {
    return this.times[this.slot(index)] ?? 0;
  }

  /** Its delay in milliseconds; `NaN` when it was lost. */
  delayAt(index: number): number {
    return this.delays[this.slot(index)] ?? Number.NaN;
  }

  private slot(index: number): number {
    return (this.next - this.count + index + this.times.length) % this.times.length;
  }
}
