/**
 * Steers by itself, for `?autoplay=1`: flees what could eat it, stays inside the boundary, hunts
 * what it could eat, and else goes for the best knibble. It sees what the player sees. Pure.
 */

import { canEat } from '../model/eating.ts';
import type { Frame } from '../model/frame.ts';
import { KNIBBLE_SLOTS, MAX_SEATS } from '../model/view.ts';
import { type Steering, steerAlong } from './steering.ts';

/** Distance from rim to rim below which a larger circle is fled, in pixels. */
const FEAR = 260;

/** Distance from rim to rim below which a smaller circle is worth hunting, in pixels. */
const APPETITE = 220;

/** Distance from rim to rim below which it dashes from a larger circle or at a smaller one, in pixels. */
const DASH_GAP = 45;

/** It keeps at least this much of its lead over prey that it dashes at. */
const DASH_LEAD = 0.96;

/** Distance to the boundary below which it pushes inward, in pixels. */
const SHORE = 140;

/** Weight of knibbles against the wish to keep a course, so that it doesn't tremble between two. */
const COURSE_KEEPING = 0.35;

/** An autopilot with a memory of its course only. */
export class Autopilot {
  private courseX = 0;
  private courseY = 0;
  private wantsDash = false;

  /** Writes the steering for the own circle in `frame`. */
  steer(frame: Frame, ownSeat: number, boundary: number, out: Steering): void {
    const x = frame.x[ownSeat] as number;
    const y = frame.y[ownSeat] as number;
    const radius = frame.radius[ownSeat] as number;
    let wishX = 0;
    let wishY = 0;
    let isBusy = false;
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      if (seat === ownSeat || !frame.has(seat)) {
        continue;
      }
      const other = frame.radius[seat] as number;
      const dx = (frame.x[seat] as number) - x;
      const dy = (frame.y[seat] as number) - y;
      const distance = Math.max(1, Math.hypot(dx, dy));
      const gap = distance - radius - other;
      let weight = 0;
      if (gap < DASH_GAP && (canEat(other, radius) || canEat(radius * DASH_LEAD, other))) {
        this.wantsDash = true;
      }
      if (canEat(other, radius) && gap < FEAR) {
        weight = -3 * (1 - Math.max(0, gap) / FEAR) - 0.4;
      } else if (canEat(radius, other) && gap < APPETITE) {
        weight = 1.5 * (1 - Math.max(0, gap) / APPETITE);
      }
      wishX += (dx / distance) * weight;
      wishY += (dy / distance) * weight;
      isBusy ||= weight !== 0;
    }
    const fromCentre = Math.max(1, Math.hypot(x, y));
    const depth = (fromCentre + radius + SHORE - boundary) / SHORE;
    if (depth > 0) {
      wishX -= (x / fromCentre) * Math.min(depth, 2) * 2;
      wishY -= (y / fromCentre) * Math.min(depth, 2) * 2;
      isBusy = true;
    }
    const best = isBusy ? -1 : this.bestKnibble(frame, x, y, boundary);
    const knibbles = frame.knibbles;
    if (best >= 0 && knibbles !== undefined) {
      wishX = (knibbles.knibbleX[best] as number) - x;
      wishY = (knibbles.knibbleY[best] as number) - y;
    } else if (!isBusy) {
      wishX = -x;
      wishY = -y;
    }
    const length = Math.hypot(wishX, wishY);
    if (length > 0) {
      this.courseX = wishX / length;
      this.courseY = wishY / length;
    }
    steerAlong(this.courseX, this.courseY, 1, out);
  }

  /** Whether a dash is pressed; it is once each time. */
  takeDash(): boolean {
    const { wantsDash } = this;
    this.wantsDash = false;
    return wantsDash;
  }

  /** The slot of the knibble that is nearest, those ahead preferred; −1 without any in reach. */
  private bestKnibble(frame: Frame, x: number, y: number, boundary: number): number {
    const view = frame.knibbles;
    if (view === undefined) {
      return -1;
    }
    let best = -1;
    let bestCost = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < KNIBBLE_SLOTS; slot += 1) {
      if (view.knibbles[slot] !== 1) {
        continue;
      }
      const knibbleX = view.knibbleX[slot] as number;
      const knibbleY = view.knibbleY[slot] as number;
      if (Math.hypot(knibbleX, knibbleY) > boundary - SHORE) {
        continue;
      }
      const dx = knibbleX - x;
      const dy = knibbleY - y;
      const distance = Math.max(1, Math.hypot(dx, dy));
      const ahead = (dx * this.courseX + dy * this.courseY) / distance;
      const cost = distance * (1 - COURSE_KEEPING * ahead);
      if (cost < bestCost) {
        bestCost = cost;
        best = slot;
      }
    }
    return best;
  }
}
