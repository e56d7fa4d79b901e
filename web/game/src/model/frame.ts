/**
 * One picture's worth of state in pixels, interpolated from a sample. It says where things are; how
 * they look is the view's.
 */

import type { Sample } from '@battle-circles/sdk';
import type { Own } from './adapter.ts';
import { UNITS_PER_PIXEL } from './movement.ts';
import { MAX_SEATS, QUARTERS, type View } from './view.ts';

/** A circle that moves farther than this between two snapshots was placed anew, in pixels. */
const JUMP = 400;

/** The picture's state; filled anew each frame by {@link readSample}. */
export class Frame {
  /** Circles in the picture, a bit per seat. */
  circles = 0;
  /** Pixels, by seat. */
  readonly x = new Float64Array(MAX_SEATS);
  /** Pixels, by seat. */
  readonly y = new Float64Array(MAX_SEATS);
  /** Pixels, by seat. */
  readonly radius = new Float64Array(MAX_SEATS);
  /** Seat that the camera follows. */
  focus = 0;
  /** Whether the player has a circle. */
  hasOwn = false;
  ownMass = 0;
  /** The view whose knibbles are in the picture. */
  knibbles: View | undefined;
  /** The newest view: the server's last word, ahead of the picture. */
  newest: View | undefined;
  newestTick = 0;
  /** Ticks, with fractions: the picture's, the server's present one, and the predicted circle's. */
  tick = 0;
  serverTick = 0;
  ownTick = 0;

  /** Is without anything, as before the first sample. */
  clear(): void {
    this.circles = 0;
    this.hasOwn = false;
    this.ownMass = 0;
    this.knibbles = undefined;
    this.newest = undefined;
  }

  has(seat: number): boolean {
    return (this.circles & (1 << seat)) !== 0;
  }
}

/**
 * Fills `frame` from `sample`. The own circle is where prediction has it, and it is gone as soon as
 * the newest view is without it: shown on where the older views have it, it would leap back first.
 */
export function readSample(sample: Sample<View, Own>, ownSeat: number, frame: Frame): void {
  const { from, to, own } = sample;
  frame.tick = sample.tick;
  frame.serverTick = sample.serverTick;
  frame.knibbles = sample.alpha < 1 ? from : to;
  frame.newest = sample.newest;
  frame.newestTick = sample.newestTick;
  frame.ownTick = own?.tick ?? sample.newestTick;
  const shown = sample.alpha < 1 ? from.circles | to.circles : to.circles;
  frame.circles = shown & ~(1 << ownSeat);
  for (let seat = 0; seat < MAX_SEATS; seat += 1) {
    if (frame.has(seat)) {
      readCircle(from, to, sample.alpha, seat, frame);
    }
  }
  const newest = sample.newest;
  frame.focus = newest.focus;
  frame.hasOwn = newest.own.present;
  if (!newest.own.present) {
    frame.ownMass = 0;
    return;
  }
  frame.focus = ownSeat;
  frame.ownMass = newest.own.mass;
  frame.circles |= 1 << ownSeat;
  frame.x[ownSeat] = (own?.x ?? newest.own.x) / UNITS_PER_PIXEL;
  frame.y[ownSeat] = (own?.y ?? newest.own.y) / UNITS_PER_PIXEL;
  frame.radius[ownSeat] = 2 * Math.sqrt(newest.own.mass);
}

/** Puts a seat's circle between two views, or on their course, into the frame; one of them has it. */
export function readCircle(
  from: View,
  to: View,
  alpha: number,
  seat: number,
  frame: Pick<Frame, 'x' | 'y' | 'radius'>,
): void {
  const start = from.hasCircle(seat) ? from : to;
  const end = to.hasCircle(seat) ? to : from;
  const x = (start.circleX[seat] as number) / QUARTERS;
  const y = (start.circleY[seat] as number) / QUARTERS;
  const radius = (start.circleRadius[seat] as number) / QUARTERS;
  const dx = (end.circleX[seat] as number) / QUARTERS - x;
  const dy = (end.circleY[seat] as number) / QUARTERS - y;
  const growth = (end.circleRadius[seat] as number) / QUARTERS - radius;
  const jumped = Math.abs(dx) > JUMP || Math.abs(dy) > JUMP;
  const share = jumped ? Math.round(Math.min(alpha, 1)) : alpha;
  frame.x[seat] = x + dx * share;
  frame.y[seat] = y + dy * share;
  frame.radius[seat] = radius + growth * Math.min(share, 1);
}
