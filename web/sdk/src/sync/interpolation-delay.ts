/**
 * How far behind the newest possible snapshot to draw: as little as rides over what the path does.
 * It decides the delay only; which views are drawn is `interpolation.ts`'s matter.
 */

import { Lap } from './lap.ts';
import { Window } from './quantile.ts';

/** Adapts the interpolation delay to measured jitter and loss. In milliseconds. */
export class InterpolationDelay {
  /** Snapshots looked back on: ten seconds at 20 Hz. */
  private static readonly WINDOW = 200;

  /** Snapshots before the measured delay is believed. */
  private static readonly WARM_UP = 20;

  /** From this share of missing snapshots on, one loss must be ridden over. */
  private static readonly LOSSY = 0.01;

  /** From this share of gaps of two or more on, two losses in a row must be. */
  private static readonly BURSTY = 0.005;

  /** Upper bound in snapshot intervals: 300 ms at 20 Hz. The lower one is one interval. */
  private static readonly MOST_INTERVALS = 6;

  /** How fast the delay may grow and shrink, in milliseconds a millisecond. */
  private static readonly GROW = 0.1;
  private static readonly SHRINK = 0.02;

  private readonly interval: number;
  private readonly needs = new Window(InterpolationDelay.WINDOW);
  private readonly lateness = new Window(InterpolationDelay.WINDOW);
  private readonly missing = new Window(InterpolationDelay.WINDOW);
  private target: number;
  private value: number;
  private readonly lap = new Lap();

  /** `interval` is the time between two snapshots. */
  constructor(interval: number) {
    this.interval = interval;
    this.target = 2 * interval;
    this.value = this.target;
  }

  /**
   * Takes the arrival of a snapshot that is newer than all before: `late`, its delay over the
   * fastest's, and `gap`, the time from the snapshot before it to this one by the server's clock.
   */
  onSnapshot(late: number, gap: number): void {
    const lost = Math.max(0, Math.round(gap / this.interval) - 1);
    this.lateness.push(late);
    this.missing.push(lost);
    this.needs.push(gap + late);
    if (this.needs.size >= InterpolationDelay.WARM_UP) {
      this.target = this.wanted();
    }
  }

  /** What was measured says nothing any more; the delay stays as it is until more is known. */
  forget(): void {
    this.needs.clear();
    this.lateness.clear();
    this.missing.clear();
    this.target = this.value;
  }

  /** The delay at `now`; it moves smoothly. */
  at(now: number): number {
    const elapsed = this.lap.next(now);
    const step = this.target - this.value;
    this.value += Math.min(
      elapsed * InterpolationDelay.GROW,
      Math.max(-elapsed * InterpolationDelay.SHRINK, step),
    );
    return this.value;
  }

  /** Typical delay of a snapshot over the fastest's. */
  get jitter(): number {
    return this.lateness.mean();
  }

  private wanted(): number {
    const size = this.missing.size;
    const lost = this.missing.mean() * size;
    const lossShare = lost / (lost + size);
    const jitter = this.lateness.quantile(0.95);
    const isBursty = this.missing.quantile(1 - InterpolationDelay.BURSTY) >= 2;
    const losses = lossShare >= InterpolationDelay.LOSSY ? (isBursty ? 2 : 1) : 0;
    const rides = (losses + 1) * this.interval + jitter;
    const measured = Math.min(this.needs.quantile(0.98), 3 * this.interval + jitter);
    const most = InterpolationDelay.MOST_INTERVALS * this.interval;
    return Math.min(most, Math.max(this.interval, rides, measured));
  }
}
