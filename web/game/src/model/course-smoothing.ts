/**
 * Takes the jumps out of circles that are drawn a little beyond the newest snapshot: where the next
 * one has them elsewhere than foreseen, the picture glides over instead of leaping. Others only; the
 * own circle's corrections are the SDK's.
 */

import type { Sample } from '@battle-circles/sdk';
import type { Own } from './adapter.ts';
import { type Frame, readCircle } from './frame.ts';
import { MAX_SEATS, type View } from './view.ts';

/** Milliseconds in which half of an error is gone. */
const HALF_LIFE_MS = 65;

/** A circle that is farther off than this, in pixels, was placed anew. */
const LONGEST_GLIDE = 60;

/** After a longer pause, in milliseconds, nobody remembers where anything was. */
const LONGEST_PAUSE_MS = 500;

type Course = Pick<Sample<View, Own>, 'from' | 'to' | 'fromTick' | 'toTick' | 'tick'>;

/** The errors of one picture's circles. */
export class CourseSmoothing {
  private readonly errorX = new Float64Array(MAX_SEATS);
  private readonly errorY = new Float64Array(MAX_SEATS);
  private readonly foreseen = {
    x: new Float64Array(MAX_SEATS),
    y: new Float64Array(MAX_SEATS),
    radius: new Float64Array(MAX_SEATS),
  };
  /** What the frame before was drawn by. */
  private last: Course | undefined;

  /** Moves the others' circles of a frame that was just read from `sample`; `tickMs` is a tick's length. */
  apply(sample: Sample<View, Own>, ownSeat: number, tickMs: number, frame: Frame): void {
    const { last } = this;
    const ticks = last === undefined ? Number.POSITIVE_INFINITY : sample.tick - last.tick;
    const elapsed = ticks * tickMs;
    if (elapsed < 0 || elapsed > LONGEST_PAUSE_MS) {
      this.errorX.fill(0);
      this.errorY.fill(0);
    } else if (last !== undefined) {
      this.glide(last, sample, 0.5 ** (elapsed / HALF_LIFE_MS), ownSeat, frame);
    }
    const { from, to, fromTick, toTick, tick } = sample;
    this.last = { from, to, fromTick, toTick, tick };
  }

  private glide(
    last: Course,
    sample: Sample<View, Own>,
    left: number,
    ownSeat: number,
    frame: Frame,
  ): void {
    const isCorrected = last.tick > last.toTick && sample.toTick > last.toTick;
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      const wasThere = last.from.hasCircle(seat) || last.to.hasCircle(seat);
      if (seat === ownSeat || !frame.has(seat) || !wasThere) {
        this.errorX[seat] = 0;
        this.errorY[seat] = 0;
        continue;
      }
      if (isCorrected) {
        this.correct(last, sample.tick, seat, frame);
      }
      const x = (this.errorX[seat] as number) * left;
      const y = (this.errorY[seat] as number) * left;
      this.errorX[seat] = x;
      this.errorY[seat] = y;
      frame.x[seat] = (frame.x[seat] as number) + x;
      frame.y[seat] = (frame.y[seat] as number) + y;
    }
  }

  /** Takes in by how much a seat's circle is elsewhere than the frame before had foreseen. */
  private correct(last: Course, tick: number, seat: number, frame: Frame): void {
    const span = last.toTick - last.fromTick;
    const alpha = span > 0 ? (tick - last.fromTick) / span : 1;
    readCircle(last.from, last.to, alpha, seat, this.foreseen);
    const x = (this.foreseen.x[seat] as number) - (frame.x[seat] as number);
    const y = (this.foreseen.y[seat] as number) - (frame.y[seat] as number);
    const isGlide = Math.abs(x) <= LONGEST_GLIDE && Math.abs(y) <= LONGEST_GLIDE;
    this.errorX[seat] = isGlide ? (this.errorX[seat] as number) + x : 0;
    this.errorY[seat] = isGlide ? (this.errorY[seat] as number) + y : 0;
  }
}
