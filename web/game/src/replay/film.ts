/** The frames of a match as views, at any tick. Going on is cheap; going back decodes from a keyframe. */

import { View } from '../model/view.ts';
import { decodeFrame, type FrameRecord, type ViewFile } from './view-file.ts';

/** The two frames that a tick lies between. Valid until the film is asked again. */
export interface Shot {
  readonly from: View;
  readonly to: View;
  readonly fromTick: number;
  readonly toTick: number;
  /** 0 shows `from`, 1 shows `to`. */
  readonly alpha: number;
}

/** A reader of one match's frames. */
export class Film {
  private readonly frames: readonly FrameRecord[];
  /** The frame that `from` shows; −1 before the first. */
  private index = -1;
  private from = new View();
  private to = new View();

  constructor(file: ViewFile) {
    this.frames = file.frames;
  }

  /** What there is at a tick, with fractions; before the first frame and behind the last it is theirs. */
  at(tick: number): Shot {
    const index = this.indexAt(tick);
    this.go(index);
    const fromTick = this.tickOf(index);
    const toTick = this.tickOf(Math.min(index + 1, this.frames.length - 1));
    const span = toTick - fromTick;
    const alpha = span > 0 ? Math.max(0, (tick - fromTick) / span) : 0;
    return { from: this.from, to: this.to, fromTick, toTick, alpha };
  }

  /** The newest frame that is not after the tick. */
  private indexAt(tick: number): number {
    let low = 0;
    let high = this.frames.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.tickOf(middle) <= tick) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private go(index: number): void {
    const key = this.keyBefore(index);
    if (this.index < 0 || index < this.index || key > this.index + 1) {
      this.show(key);
      this.index = key - 1;
    }
    while (this.index < index) {
      [this.from, this.to] = [this.to, this.from];
      this.index += 1;
      this.show(this.index + 1);
    }
  }

  /** Decodes into `to`; behind the last frame it is as that. */
  private show(index: number): void {
    const frame = this.frames[index];
    if (frame === undefined) {
      this.to.copyFrom(this.from);
    } else {
      decodeFrame(frame, this.from, this.to);
    }
  }

  private keyBefore(index: number): number {
    let key = index;
    while (key > 0 && this.frames[key]?.isKey !== true) {
      key -= 1;
    }
    return key;
  }

  private tickOf(index: number): number {
    return this.frames[index]?.tick ?? 0;
  }
}
