/** Who could eat whom, for colours, for hints and for the autopilot; the server alone decides. */

import type { Frame } from './frame.ts';
import { MAX_SEATS } from './view.ts';

/** By how much larger the eater's mass must be. */
const MARGIN = 1.15;

/** An eater's rim may be this far from its victim's middle in the picture, in its own radii. */
const LIKELY_GAP = 0.8;

/** Whether a circle of radius `eater` could eat one of radius `victim`; both in one unit. */
export function canEat(eater: number, victim: number): boolean {
  return eater * eater >= victim * victim * MARGIN;
}

/** Whether (x, y) lies within `reach` radii of a circle's middle. */
export function isInside(x: number, y: number, frame: Frame, seat: number, reach: number): boolean {
  const dx = x - (frame.x[seat] as number);
  const dy = y - (frame.y[seat] as number);
  const radius = (frame.radius[seat] as number) * reach;
  return dx * dx + dy * dy < radius * radius;
}

/** Whether the own circle is about to eat `seat`, as far as the picture shows it. */
export function isGrasped(frame: Frame, ownSeat: number, seat: number): boolean {
  return (
    frame.hasOwn &&
    seat !== ownSeat &&
    canEat(frame.radius[ownSeat] as number, frame.radius[seat] as number) &&
    isInside(frame.x[seat] as number, frame.y[seat] as number, frame, ownSeat, 1)
  );
}

/**
 * Who has most likely eaten `victim`, which stood where the frame last had it, until the server's
 * event tells; nobody where no larger circle is near.
 */
export function likelyEater(frame: Frame, victim: number): number | undefined {
  let found: number | undefined;
  let least = LIKELY_GAP;
  for (let seat = 0; seat < MAX_SEATS; seat += 1) {
    const radius = frame.radius[seat] as number;
    if (seat === victim || !frame.has(seat) || !canEat(radius, frame.radius[victim] as number)) {
      continue;
    }
    const dx = (frame.x[seat] as number) - (frame.x[victim] as number);
    const dy = (frame.y[seat] as number) - (frame.y[victim] as number);
    const gap = Math.hypot(dx, dy) / radius - 1;
    if (gap < least) {
      least = gap;
      found = seat;
    }
  }
  return found;
}
