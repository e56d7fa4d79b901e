/**
 * The own figure, run ahead of the server: it moves at once, a snapshot puts it right, and what was
 * wrong is smoothed away. The step is the game's.
 */

import type { Point, PredictedOwn, PredictionRule } from '../adapter.ts';
import type { InputHistory } from './input-history.ts';
import { Lap } from './lap.ts';

/** Predicts one figure. */
export class Predictor<View, Input, Own> {
  /** Half of a correction is smoothed away in this time, nine tenths in about 100 ms. */
  private static readonly HALF_LIFE_MS = 30;

  /** Ticks replayed after a snapshot at most: over four seconds at 60 a second. */
  private static readonly MOST_REPLAYED = 256;

  private readonly rule: PredictionRule<View, Input, Own>;
  private readonly history: InputHistory<Input>;
  private readonly repeat: (input: Input) => Input;
  private current: Own | undefined;
  private tick = 0;
  private errorX = 0;
  private errorY = 0;
  private readonly lap = new Lap();
  private drawn: { -readonly [K in keyof PredictedOwn<Own>]: PredictedOwn<Own>[K] } | undefined;

  /**
   * `history` is where the caller notes the inputs it steps with; `repeat` gives what an input
   * becomes for a further tick.
   */
  constructor(
    rule: PredictionRule<View, Input, Own>,
    history: InputHistory<Input>,
    repeat: (input: Input) => Input = (input) => input,
  ) {
    this.rule = rule;
    this.history = history;
    this.repeat = repeat;
  }

  /** Forgets the figure; the next snapshot places it at once. */
  restart(): void {
    this.current = undefined;
    this.errorX = 0;
    this.errorY = 0;
  }

  /** Goes to `tick` as it stands: time was skipped, and the next snapshot puts the figure right. */
  skip(tick: number): void {
    this.tick = tick;
  }

  /** Steps to `tick` with its input, which the history holds. */
  step(tick: number): void {
    if (this.current === undefined) {
      return;
    }
    while (this.tick < tick) {
      this.tick += 1;
      this.current = this.stepped(this.current, this.tick);
    }
  }

  /**
   * Takes a snapshot: starts from its own state and replays the inputs after it. Gives the length
   * of the correction in pixels; nothing where there was nothing to correct.
   */
  reconcile(view: View, tick: number): number | undefined {
    const own = this.rule.own(view);
    if (own === undefined) {
      this.restart();
      return undefined;
    }
    const before = this.current === undefined ? undefined : this.rule.position(this.current);
    const ahead = this.current === undefined ? this.history.newestTick : this.tick;
    const target = Math.min(Math.max(tick, ahead), tick + Predictor.MOST_REPLAYED);
    this.current = own;
    this.tick = tick;
    this.step(target);
    return before && this.correct(before, this.rule.position(this.current));
  }

  /**
   * The figure at `tick`, a tick with its fraction, as it is to be drawn at `now`: on its way through
   * the tick that has begun, by the `input` that it will most likely have. So an input moves the
   * figure in the very next frame, however seldom ticks are. The object is used again at each call.
   */
  at(now: number, tick: number, input: Input): PredictedOwn<Own> | undefined {
    const previous = this.current;
    if (previous === undefined) {
      return undefined;
    }
    this.decay(now);
    const alpha = Math.min(1, Math.max(0, tick - this.tick));
    const current = this.rule.step(previous, input, this.tick + 1);
    const from = this.rule.position(previous);
    const to = this.rule.position(current);
    const x = from.x + (to.x - from.x) * alpha + this.errorX;
    const y = from.y + (to.y - from.y) * alpha + this.errorY;
    this.drawn ??= { previous, current, alpha, x, y, tick };
    const { drawn } = this;
    drawn.previous = previous;
    drawn.current = current;
    drawn.alpha = alpha;
    drawn.x = x;
    drawn.y = y;
    drawn.tick = this.tick + alpha;
    return drawn;
  }

  private stepped(own: Own, tick: number): Own {
    // The server repeats the last input where one is missing; so does the replay.
    const input = this.history.at(tick) ?? this.repeated();
    return input === undefined ? own : this.rule.step(own, input, tick);
  }

  private repeated(): Input | undefined {
    const newest = this.history.at(this.history.newestTick);
    return newest === undefined ? undefined : this.repeat(newest);
  }

  private correct(before: Point, after: Point): number {
    const x = before.x - after.x;
    const y = before.y - after.y;
    const length = Math.hypot(x, y) / (this.rule.unitsPerPixel ?? 1);
    if (length >= (this.rule.snapDistance ?? Number.POSITIVE_INFINITY)) {
      this.errorX = 0;
      this.errorY = 0;
    } else {
      this.errorX += x;
      this.errorY += y;
    }
    return length;
  }

  private decay(now: number): void {
    const left = 0.5 ** (this.lap.next(now) / Predictor.HALF_LIFE_MS);
    this.errorX *= left;
    this.errorY *= left;
  }
}
