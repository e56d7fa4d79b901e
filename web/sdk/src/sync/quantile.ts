/** The last so many numbers and their quantiles. */

/** A window of numbers; a new one drives out the oldest. */
export class Window {
  private readonly values: Float64Array;
  private readonly sorted: Float64Array;
  private next = 0;
  private count = 0;
  private isSorted = true;

  constructor(capacity: number) {
    this.values = new Float64Array(capacity);
    this.sorted = new Float64Array(capacity);
  }

  push(value: number): void {
    this.values[this.next] = value;
    this.next = (this.next + 1) % this.values.length;
    this.count = Math.min(this.count + 1, this.values.length);
    this.isSorted = false;
  }

  clear(): void {
    this.next = 0;
    this.count = 0;
    this.isSorted = true;
  }

  get size(): number {
    return this.count;
  }

  /** The value that a share `q` (0 to 1) of the window does not exceed; 0 when it is empty. */
  quantile(q: number): number {
    if (this.count === 0) {
      return 0;
    }
    if (!this.isSorted) {
      this.sorted.set(this.values.subarray(0, this.count));
      this.sorted.subarray(0, this.count).sort();
      this.isSorted = true;
    }
    const index = Math.min(this.count - 1, Math.max(0, Math.ceil(q * this.count) - 1));
    return this.sorted[index] ?? 0;
  }

  mean(): number {
    let sum = 0;
    for (let i = 0; i < this.count; i += 1) {
      sum += this.values[i] ?? 0;
    }
    return this.count === 0 ? 0 : sum / this.count;
  }

  /** Oldest first. */
  toArray(): number[] {
    const values: number[] = [];
    for (let i = this.count; i > 0; i -= 1) {
      const index = (this.next - i + this.values.length) % this.values.length;
      values.push(this.values[index] ?? 0);
    }
    return values;
  }
}
