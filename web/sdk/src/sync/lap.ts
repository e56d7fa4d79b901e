/** Time between two calls, for what moves smoothly. Frames and timers may disagree on "now". */
export class Lap {
  private last: number | undefined;

  /** Milliseconds since the latest `now` of the calls before; 0 at first, and for an earlier one. */
  next(now: number): number {
    const elapsed = this.last === undefined ? 0 : Math.max(0, now - this.last);
    this.last = Math.max(this.last ?? now, now);
    return elapsed;
  }
}
