/** The page's own clock: right, too fast, too slow, or an hour on after a sleep. */

/** Tells the page's time; the world's is `performance.now()`. */
export class FakeClock {
  private rate = 1;
  private since = 0;
  private base = 0;

  now(): number {
    return this.base + (performance.now() - this.since) * this.rate;
  }

  /** Milliseconds of the page in one of the world. */
  get speed(): number {
    return this.rate;
  }

  run(speed: number): void {
    this.jump(0);
    this.rate = speed;
  }

  /** The page finds itself so much later. */
  jump(milliseconds: number): void {
    this.base = this.now() + milliseconds;
    this.since = performance.now();
  }
}
