/**
 * Turns wishes into steering vectors of −127 to 127: keys, a pointer's place, a thumb's drag. Pure;
 * the listeners are in `controls.ts`.
 */

import { FULL_THROTTLE } from '../model/movement.ts';

/** A steering vector; filled anew instead of made anew. */
export interface Steering {
  x: number;
  y: number;
}

/** Distance between pointer and circle's rim at which the throttle is full, in screen pixels. */
const POINTER_REACH = 90;

/** A thumb's way from where it touched to full throttle, in screen pixels. */
export const STICK_REACH = 52;

/** Within this way the stick means "stand still". */
const STICK_DEAD_ZONE = 8;

/** Writes a vector of `throttle` (0 to 1) along (dx, dy). */
export function steerAlong(dx: number, dy: number, throttle: number, out: Steering): void {
  const length = Math.hypot(dx, dy);
  if (length === 0 || throttle <= 0) {
    out.x = 0;
    out.y = 0;
    return;
  }
  const factor = (Math.min(throttle, 1) * FULL_THROTTLE) / length;
  out.x = Math.round(dx * factor) + 0;
  out.y = Math.round(dy * factor) + 0;
}

/** Steering by keys held. */
export function steerByKeys(
  up: boolean,
  left: boolean,
  down: boolean,
  right: boolean,
  out: Steering,
): void {
  steerAlong(Number(right) - Number(left), Number(down) - Number(up), 1, out);
}

/**
 * Steering by a pointer at (dx, dy) from the circle's middle: it stands still while the pointer is
 * well inside it, and is at full throttle a little outside its rim.
 */
export function steerByPointer(dx: number, dy: number, screenRadius: number, out: Steering): void {
  const inner = screenRadius * 0.35;
  const throttle = (Math.hypot(dx, dy) - inner) / (screenRadius + POINTER_REACH - inner);
  steerAlong(dx, dy, throttle, out);
}

/** Steering by a thumb that is (dx, dy) away from the stick's base. */
export function steerByStick(dx: number, dy: number, out: Steering): void {
  const way = Math.hypot(dx, dy);
  const throttle = way < STICK_DEAD_ZONE ? 0 : way / STICK_REACH;
  steerAlong(dx, dy, throttle, out);
}
