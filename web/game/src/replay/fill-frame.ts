/** A match's state at a tick as the frame that the picture is drawn from. */

import { type Frame, readCircle } from '../model/frame.ts';
import { MAX_SEATS } from '../model/view.ts';
import type { Shot } from './film.ts';

/** Fills `frame` as who sits at `ownSeat` has it, with the camera on `focus`. */
export function fillFrame(shot: Shot, ownSeat: number, focus: number, frame: Frame): void {
  const { from, to, alpha } = shot;
  frame.tick = shot.fromTick + (shot.toTick - shot.fromTick) * alpha;
  frame.serverTick = frame.tick;
  frame.ownTick = frame.tick;
  frame.newestTick = frame.tick;
  frame.newest = from;
  frame.knibbles = from;
  frame.circles = from.circles;
  for (let seat = 0; seat < MAX_SEATS; seat += 1) {
    if (frame.has(seat)) {
      readCircle(from, to, alpha, seat, frame);
    }
  }
  frame.focus = focus;
  frame.hasOwn = ownSeat < MAX_SEATS && frame.has(ownSeat);
  frame.ownMass = frame.hasOwn ? Math.round(((frame.radius[ownSeat] as number) / 2) ** 2) : 0;
}
