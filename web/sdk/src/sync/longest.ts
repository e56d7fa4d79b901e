/** The second longest of something lately: what happens again, and not what happened once. */

/** Remembers the two longest of each of the last so many stretches of time. */
export class SecondLongest {
  private readonly longest: Float64Array;
  private readonly second: Float64Array;
  private readonly stretchMs: number;
  private stretch = Number.NEGATIVE_INFINITY;

  /** Looks back on `memory` milliseconds, in so many stretches. */
  constructor(memory: number, stretches: number) {
    this.longest = new Float64Array(stretches);
    this.second = new Float64Array(stretches);
    this.stretchMs = memory / stretches;
  }

  /** Takes a length, in any unit, that was seen at `now`. */
  push(now: number, length: number): void {
    this.turn(now);
    const slot = mod(this.stretch, this.longest.length);
    if (length > (this.longest[slot] ?? 0)) {
      this.second[slot] = this.longest[slot] ?? 0;
      this.longest[slot] = length;
    } else if (length > (this.second[slot] ?? 0)) {
      this.second[slot] = length;
    }
  }

  /** The second longest of all that is remembered at `now`; 0 where there were fewer than two. */
  value(now: number): number {
    this.turn(now);
    let longest = 0;
    let second = 0;
    for (let slot = 0; slot < this.longest.length; slot += 1) {
      const first = this.longest[slot] ?? 0;
      second = Math.max(second, Math.min(longest, first), this.second[slot] ?? 0);
      longest = Math.max(longest, first);
    }
    return second;
  }

  clear(): void {
    this.longest.fill(0);
    this.second.fill(0);
  }

  private turn(now: number): void {
    const stretch = Math.floor(now / this.stretchMs);
    const first = Math.max(this.stretch + 1, stretch - this.longest.length + 1);
    for (let at = first; at <= stretch; at += 1) {
      this.longest[mod(at, this.longest.length)] = 0;
      this.second[mod(at, this.longest.length)] = 0;
    }
    this.stretch = Math.max(this.stretch, stretch);
  }
}

function mod(value: number, length: number): number {
  return ((value % length) + length) % length;
}
