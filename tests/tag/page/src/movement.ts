/**
 * The movement rule, in whole numbers: the twin of `src/movement.rs`, bit for bit, which
 * `golden/movement.json` proves.
 */

import { DASH, DOWN, held, LEFT, RIGHT, type Tuning, UP } from './wire.ts';

/** A figure's place in 1/16 px and what its movement depends on; times in ticks. */
export interface Body {
  readonly x: number;
  readonly y: number;
  readonly facing: number;
  readonly dash: number;
  readonly rest: number;
}

export const UNITS_PER_PIXEL = 16;

/** 256 times the length of a diagonal's sides, for a diagonal of length 1. */
const DIAGONAL = 181;

/** Where one tick of this input brings a figure. */
export function step(body: Body, input: number, tuning: Tuning): Body {
  const begins = (input & DASH) !== 0 && body.rest === 0;
  const dash = begins ? tuning.dashTicks : body.dash;
  const rest = begins ? tuning.restTicks : body.rest;
  const isHeld = across(input) !== 0 || down(input) !== 0;
  const facing = isHeld ? held(input) : body.facing;
  const [dx, dy] = [across(facing), down(facing)];
  const full = dash > 0 ? tuning.dash : isHeld ? tuning.run : 0;
  const speed = Math.floor((full * (dx !== 0 && dy !== 0 ? DIAGONAL : 256)) / 256);
  const inside = (place: number) =>
    Math.min(Math.max(place, tuning.radius), tuning.size - tuning.radius);
  return {
    x: inside(body.x + dx * speed),
    y: inside(body.y + dy * speed),
    facing,
    dash: Math.max(0, dash - 1),
    rest: Math.max(0, rest - 1),
  };
}

function across(input: number): number {
  return ((input & RIGHT) === 0 ? 0 : 1) - ((input & LEFT) === 0 ? 0 : 1);
}

function down(input: number): number {
  return ((input & DOWN) === 0 ? 0 : 1) - ((input & UP) === 0 ? 0 : 1);
}
