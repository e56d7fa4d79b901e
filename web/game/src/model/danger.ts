/** How near the player is to being eaten, as far as the picture shows it; for ears and for hints. Pure. */

import { canEat } from './eating.ts';
import type { Frame } from './frame.ts';
import { MAX_SEATS } from './view.ts';

/** A larger circle whose rim is farther than this from the own middle is no danger, in pixels. */
const REACH = 300;

/** 0 to 1, by the larger circle that is nearest; 0 without an own circle. */
export function danger(frame: Frame, ownSeat: number): number {
  if (!frame.hasOwn) {
    return 0;
  }
  let most = 0;
  for (let seat = 0; seat < MAX_SEATS; seat += 1) {
    if (isThreat(frame, ownSeat, seat)) {
      most = Math.max(most, 1 - threatGap(frame, ownSeat, seat) / REACH);
    }
  }
  return Math.min(1, most);
}

/** Whether `seat` could eat the own circle. */
export function isThreat(frame: Frame, ownSeat: number, seat: number): boolean {
  return (
    seat !== ownSeat &&
    frame.hasOwn &&
    frame.has(seat) &&
    canEat(frame.radius[seat] as number, frame.radius[ownSeat] as number)
  );
}

/** Pixels from a circle's rim to the own middle; negative where it covers that. */
export function threatGap(frame: Frame, ownSeat: number, seat: number): number {
  const dx = (frame.x[seat] as number) - (frame.x[ownSeat] as number);
  const dy = (frame.y[seat] as number) - (frame.y[ownSeat] as number);
  return Math.hypot(dx, dy) - (frame.radius[seat] as number);
}
