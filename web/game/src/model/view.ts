/**
 * What the player sees at one tick, in flat arrays that are filled again and again. It neither
 * decodes (see `delta.ts`) nor draws.
 */

/** Most seats in a room; seats index the circle arrays. */
export const MAX_SEATS = 16;

/** Most knibbles alive at once; slots index the knibble arrays. */
export const KNIBBLE_SLOTS = 256;

/** Quarter pixels in a pixel: the grid of other circles' positions and radii. */
export const QUARTERS = 4;

/** Fixed-point units, 1/256 px, in a quarter pixel. */
export const UNITS_PER_QUARTER = 64;

/** The player's own circle, exact, for prediction to start from. */
export class OwnCircle {
  /** Whether the player has a circle; the other fields mean nothing when not. */
  present = false;
  /** Position in 1/256 px. */
  x = 0;
  /** Position in 1/256 px, downward. */
  y = 0;
  /** Velocity in 1/256 px a tick. */
  vx = 0;
  /** Velocity in 1/256 px a tick. */
  vy = 0;
  mass = 0;
  /** Ticks until it can dash again. */
  cooldown = 0;

  copyFrom(other: OwnCircle): void {
    this.present = other.present;
    this.x = other.x;
    this.y = other.y;
    this.vx = other.vx;
    this.vy = other.vy;
    this.mass = other.mass;
    this.cooldown = other.cooldown;
  }
}

/**
 * Everything one player may see at one tick, and what a later delta against it needs. A new one is
 * the empty view.
 */
export class View {
  /** Seat whose circle the camera follows. */
  focus = 0;
  readonly own = new OwnCircle();
  /** Circles in view, a bit per seat; the own one included. */
  circles = 0;
  /** Quarter pixels, by seat. */
  readonly circleX = new Int16Array(MAX_SEATS);
  /** Quarter pixels, by seat. */
  readonly circleY = new Int16Array(MAX_SEATS);
  /** Quarter pixels, by seat. */
  readonly circleRadius = new Uint16Array(MAX_SEATS);
  /** How far a circle has gone since the baseline of this view, by seat; not the own one. */
  readonly stepX = new Int16Array(MAX_SEATS);
  /** Quarter pixels, by seat. */
  readonly stepY = new Int16Array(MAX_SEATS);
  /** Ticks since that baseline; 0 when there was none. */
  age = 0;
  /** 1 where a slot's knibble is in view. */
  readonly knibbles = new Uint8Array(KNIBBLE_SLOTS);
  /** Pixels, by slot. */
  readonly knibbleX = new Int16Array(KNIBBLE_SLOTS);
  /** Pixels, by slot. */
  readonly knibbleY = new Int16Array(KNIBBLE_SLOTS);

  hasCircle(seat: number): boolean {
    return (this.circles & (1 << seat)) !== 0;
  }

  /** Circles in view without the own one. */
  others(): number {
    return this.own.present ? this.circles & ~(1 << this.focus) : this.circles;
  }

  copyFrom(other: View): void {
    this.focus = other.focus;
    this.own.copyFrom(other.own);
    this.circles = other.circles;
    this.circleX.set(other.circleX);
    this.circleY.set(other.circleY);
    this.circleRadius.set(other.circleRadius);
    this.stepX.set(other.stepX);
    this.stepY.set(other.stepY);
    this.age = other.age;
    this.knibbles.set(other.knibbles);
    this.knibbleX.set(other.knibbleX);
    this.knibbleY.set(other.knibbleY);
  }
}
