/**
 * Decides how finely to draw, from the time between frames: it goes down where a device can't keep
 * up and stays there, because going up and down again would be seen. Pure.
 */

/** Shares of the full resolution. */
const LEVELS = [1, 0.75, 0.5] as const;

/** The last level. */
const LOWEST = LEVELS.length - 1;

/** Frames that are looked at together. */
const WINDOW = 90;

/** A mean time between frames beyond this, in seconds, is too slow (44 a second). */
const TOO_SLOW = 1 / 44;

/** Longer times are pauses of the page, not slow frames, in seconds. */
const PAUSE = 0.25;

/** A level, and the frames that will decide on the next. */
export class Quality {
  private frames = 0;
  private time = 0;

  private level = 0;

  /** Whether what is costly and hardly seen is drawn. */
  get isFine(): boolean {
    return this.level < LOWEST;
  }

  /** Device pixels per CSS pixel, given those of the device; never below one. */
  resolution(full: number): number {
    return Math.max(1, full * (LEVELS[this.level] ?? 1));
  }

  /** Takes the time since the last frame, in seconds; says whether the level has changed. */
  observe(dt: number): boolean {
    if (dt <= 0 || dt > PAUSE || this.level === LOWEST) {
      return false;
    }
    this.frames += 1;
    this.time += dt;
    if (this.frames < WINDOW) {
      return false;
    }
    const isSlow = this.time / this.frames > TOO_SLOW;
    this.frames = 0;
    this.time = 0;
    this.level += isSlow ? 1 : 0;
    return isSlow;
  }
}
