/** The last numbers, by count or by time, and their quantiles. */

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

/** The numbers of the last so many milliseconds. */
export class RecentWindow {
  private readonly values: Float64Array;
  private readonly times: Float64Array;
  private readonly sorted: Float64Array;
  private readonly memory: number;
  private next = 0;
  private count = 0;

  /** Of more than `capacity` numbers the oldest are forgotten sooner. */
  constructor(memory: number, capacity: number) {
    this.memory = memory;
    this.values = new Float64Array(capacity);
    this.times = new Float64Array(capacity);
    this.sorted = new Float64Array(capacity);
  }

  push(now: number, value: number): void {
    this.values[this.next] = value;
    this.times[this.next] = now;
    this.next = (this.next + 1) % this.values.length;
    this.count = Math.min(this.count + 1, this.values.length);
  }

  clear(): void {
    this.count = 0;
  }

  /** How many there are at `now`. */
  size(now: number): number {
    while (this.count > 0 && now - (this.times[this.slot(this.count)] ?? 0) > this.memory) {
      this.count -= 1;
    }
    return this.count;
  }

  /**
   * The value that a share `q` (0 to 1) of them does not exceed, of those from `since` on alone; 0
   * when there are none.
   */
  quantile(now: number, q: number, since = Number.NEGATIVE_INFINITY): number {
    const count = this.size(now);
    let size = 0;
    while (size < count && (this.times[this.slot(size + 1)] ?? 0) >= since) {
      size += 1;
      this.sorted[size - 1] = this.values[this.slot(size)] ?? 0;
    }
    const sorted = this.sorted.subarray(0, size).sort();
    return sorted[Math.min(size - 1, Math.max(0, Math.ceil(q * size) - 1))] ?? 0;
  }

  mean(now: number): number {
    const size = this.size(now);
    let sum = 0;
    for (let back = 1; back <= size; back += 1) {
      sum += this.values[this.slot(back)] ?? 0;
    }
    return size === 0 ? 0 : sum / size;
  }

  /**
   * The least of the latest, as many as there must be at least, and over so long a time at least;
   * nothing where there are not so many.
   */
  leastOf(now: number, fewest: number, shortest: number): number | undefined {
    let least = Number.POSITIVE_INFINITY;
    const size = this.size(now);
    for (let back = 1; back <= size; back += 1) {
      least = Math.min(least, this.values[this.slot(back)] ?? 0);
      if (back >= fewest && now - (this.times[this.slot(back)] ?? 0) >= shortest) {
        return least;
      }
    }
    return undefined;
  }

  /** Where the number is that came so many before the next. */
  private slot(back: number): number {
    return (this.next - back + this.values.length) % this.values.length;
  }
}
