/**
 * Knibbles that the own circle has covered ahead of the server's word: hidden at once, and shown
 * again only when the server has spoken of that tick and still has them. It draws nothing.
 */

import { isInside } from './eating.ts';
import type { Frame } from './frame.ts';
import { KNIBBLE_SLOTS, type View } from './view.ts';

/** A knibble is swallowed when this much of the own radius covers its middle. */
const REACH = 0.92;

/** Ticks by which the server may eat later than predicted before its silence is a denial. */
const GRACE_TICKS = 12;

/** What the own circle has swallowed, by slot. */
export class KnibbleIntent {
  private readonly swallowed = new Uint8Array(KNIBBLE_SLOTS);
  /** Predicted tick at which the own circle last covered the slot's knibble. */
  private readonly coveredAt = new Float64Array(KNIBBLE_SLOTS);
  private readonly x = new Int16Array(KNIBBLE_SLOTS);
  private readonly y = new Int16Array(KNIBBLE_SLOTS);

  /**
   * Looks at a slot whose knibble is in the picture at (x, y). Says whether it is to be seen, was
   * swallowed right now, or stays hidden.
   */
  look(slot: number, x: number, y: number, frame: Frame, ownSeat: number): Seen {
    if (x !== this.x[slot] || y !== this.y[slot]) {
      this.forget(slot);
      this.x[slot] = x;
      this.y[slot] = y;
    }
    const isHidden = this.swallowed[slot] === 1;
    if (frame.hasOwn && isInside(x, y, frame, ownSeat, REACH)) {
      this.swallowed[slot] = 1;
      this.coveredAt[slot] = frame.ownTick;
      return isHidden ? 'hidden' : 'swallowed';
    }
    if (isHidden && this.isDenied(slot, frame)) {
      this.forget(slot);
    }
    return this.swallowed[slot] === 1 ? 'hidden' : 'seen';
  }

  /** The slot's knibble is no longer in the picture. */
  forget(slot: number): void {
    this.swallowed[slot] = 0;
  }

  private isDenied(slot: number, frame: Frame): boolean {
    const { newest } = frame;
    const hasSpoken = frame.newestTick >= (this.coveredAt[slot] as number) + GRACE_TICKS;
    return hasSpoken && newest !== undefined && this.isStillThere(slot, newest);
  }

  private isStillThere(slot: number, view: View): boolean {
    return (
      view.knibbles[slot] === 1 &&
      view.knibbleX[slot] === this.x[slot] &&
      view.knibbleY[slot] === this.y[slot]
    );
  }
}

/** How a knibble stands. */
export type Seen = 'seen' | 'swallowed' | 'hidden';
