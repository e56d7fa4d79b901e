/**
 * How far behind the newest possible snapshot to draw: as little as rides over what the path does
 * more than once a minute, or is about to by the losses there were. It decides the delay only;
 * which views are drawn is `interpolation.ts`'s matter.
 */

import { Lap } from './lap.ts';
import { SecondLongest } from './longest.ts';
import { LossRuns } from './loss-runs.ts';

/**
 * Adapts the interpolation delay to measured jitter and loss, at whatever rate snapshots come. In
 * milliseconds.
 */
export class InterpolationDelay {
  /** The path is looked back on for so long. */
  private static readonly MEMORY_MS = 60_000;
  private static readonly STRETCHES = 30;

  /** Time with snapshots before the measured delay is believed. */
  private static readonly WARM_UP_MS = 1_000;

  /** Upper bound, or three of the server's usual intervals. The lower one is one such interval. */
  private static readonly MOST_MS = 350;

  /** How fast the delay may grow and shrink, in milliseconds a millisecond. */
  private static readonly GROW = 0.1;
  private static readonly SHRINK = 0.02;

  /** Time in which half of the measured jitter is renewed. */
  private static readonly JITTER_HALF_LIFE_MS = 2_000;

  private readonly interval: number;
  private readonly needs = new SecondLongest(
    InterpolationDelay.MEMORY_MS,
    InterpolationDelay.STRETCHES,
  );
  private readonly losses = new LossRuns();
  private readonly lap = new Lap();
  private warmth = 0;
  private lateness = 0;
  private target: number;
  private value: number;

  /** `interval` is the usual time between two snapshots; on bad paths they may come more often. */
  constructor(interval: number) {
    this.interval = interval;
    // Until the path is known it is taken for one that loses two in a row.
    this.target = 3 * interval;
    this.value = this.target;
  }

  /**
   * Takes the arrival at `now` of a snapshot that is newer than all before: `late`, its delay over
   * the fastest's, and `gap`, the time from the snapshot before it to this one by the server's
   * clock. With a delay of the two together, nothing had to be extrapolated. `missed`: how many the
   * server sent between the two.
   */
  onSnapshot(now: number, late: number, gap: number, missed = 0): void {
    const left = 0.5 ** (gap / InterpolationDelay.JITTER_HALF_LIFE_MS);
    this.lateness = late + (this.lateness - late) * left;
    this.needs.push(now, gap + late);
    this.losses.onSnapshot(gap, missed);
    this.warmth += gap;
    if (this.warmth >= InterpolationDelay.WARM_UP_MS) {
      const most = Math.max(InterpolationDelay.MOST_MS, 3 * this.interval);
      const ridden = this.losses.gap;
      // Twice the mean is about the most, where jitter is even.
      const expected = ridden > 0 ? ridden + Math.min(this.interval / 2, 2 * this.lateness) : 0;
      this.target = Math.min(most, Math.max(this.interval, this.needs.value(now), expected));
    }
  }

  /** What was measured says nothing any more; the delay stays as it is until more is known. */
  forget(): void {
    this.needs.clear();
    this.warmth = 0;
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
    return this.lateness;
  }
}
