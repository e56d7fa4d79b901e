/** What a player sees at one tick, read from what `src/snapshot.rs` writes. */

import type { Reader } from '@battle-circles/sdk';
import type { Body } from './movement.ts';

export const SEATS = 8;

/** A figure in 1/16 px; one that isn't there is at (0, 0). */
export interface Figure {
  readonly x: number;
  readonly y: number;
  readonly isHere: boolean;
  readonly isAway: boolean;
}

export interface View {
  /** By seat. */
  readonly figures: readonly Figure[];
  /** The seat of who is it. */
  readonly it: number | undefined;
  /** Whether a touch does not count. */
  readonly isProtected: boolean;
  readonly secondsLeft: number;
  /** What the prediction needs beside the place. */
  readonly own: Pick<Body, 'facing' | 'dash' | 'rest'> | undefined;
}

const NOBODY: Figure = { x: 0, y: 0, isHere: false, isAway: false };

export const EMPTY_VIEW: View = {
  figures: Array.from({ length: SEATS }, () => NOBODY),
  it: undefined,
  isProtected: false,
  secondsLeft: 0,
  own: undefined,
};

/** Reads the delta to its end. */
export function applyDelta(reader: Reader, baseline: View): View {
  const [here, away, moved] = [reader.u8(), reader.u8(), reader.u8()];
  const head = {
    it: reader.option(() => reader.u8()),
    isProtected: reader.bool(),
    secondsLeft: reader.u8(),
    own: reader.option(() => ({ facing: reader.u8(), dash: reader.u16(), rest: reader.u16() })),
  };
  const has = (bits: number, seat: number) => ((bits >> seat) & 1) === 1;
  const figures = baseline.figures.map(({ x, y }, seat) => ({
    x: x + (has(moved, seat) ? reader.i32() : 0),
    y: y + (has(moved, seat) ? reader.i32() : 0),
    isHere: has(here, seat),
    isAway: has(away, seat),
  }));
  reader.end();
  return { ...head, figures };
}
