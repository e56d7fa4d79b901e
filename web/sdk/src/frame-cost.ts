/**
 * What the SDK takes of the page's main thread in a frame: decoding, clocks, prediction,
 * interpolation and sending inputs, timers included. What browsers do before they hand a datagram
 * out is not in it, nor what the game does with a sample. Times in milliseconds.
 */

import { RecentWindow } from './sync/quantile.ts';

/** Adds up the pieces of one frame. */
export class FrameCost {
  /** Costs of the frames of the last minute, at sixty a second. */
  readonly frames = new RecentWindow(60_000, 3_600);
  private readonly now: () => number;
  private depth = 0;
  private since = 0;
  private sum = 0;

  /** `now` is the page's clock. Browsers round it, to 0.1 ms mostly: single frames are that coarse. */
  constructor(now: () => number) {
    this.now = now;
  }

  /** Work begins; within other work it counts once. */
  begin(): void {
    if (this.depth === 0) {
      this.since = this.now();
    }
    this.depth += 1;
  }

  /** The work that began last ends. */
  end(): void {
    this.depth -= 1;
    if (this.depth === 0) {
      this.sum += Math.max(0, this.now() - this.since);
    }
  }

  /** A frame has its sample: what was done since the one before counts as one. */
  frame(): void {
    this.frames.push(this.since, this.sum);
    this.sum = 0;
  }
}
