/**
 * The movement rule in integers: the twin of `game/src/movement.rs`, bit for bit. It steps
 * one circle; it knows nothing of food, eating or the boundary.
 *
 * All values are whole numbers below 2^53, which doubles hold exactly.
 */

/** The constants of the rule, from the server's welcome. */
export interface MovementTuning {
  /** Speed of a circle of mass 1 in 1/256 px a tick; it falls with the fourth root of the mass. */
  readonly speed: number;
  /** Slowest full speed in 1/256 px a tick. */
  readonly slowest: number;
  /** Ticks in which the velocity covers about two thirds of the way to the wanted one. */
  readonly agility: number;
  /** Distance from the centre in 1/256 px that no circle's centre can pass. */
  readonly wall: number;
  /** Full speed during a dash, in percent of the usual. */
  readonly dashPercent: number;
  /** Ticks that a dash lasts. */
  readonly dashTicks: number;
  /** Ticks from the start of a dash until the next one may begin. */
  readonly dashCooldown: number;
  /** Mass that a dash costs, in thousandths of the circle's. */
  readonly dashCost: number;
  /** A circle of less mass can't dash. */
  readonly dashLeast: number;
}

/** Position and velocity in 1/256 px and 1/256 px a tick, and what a dash changes. */
export interface Motion {
  x: number;
  y: number;
  vx: number;
  vy: number;
  mass: number;
  /** Ticks until the next dash may begin; the first `dashTicks` of them are the dash. */
  cooldown: number;
}

/** One tick's steering: −127 to 127 on each axis, and whether a dash is pressed. */
export interface Steered {
  readonly x: number;
  readonly y: number;
  readonly dash: boolean;
}

/** Length of a steering vector at full throttle. */
export const FULL_THROTTLE = 127;

/** Fixed-point units in one pixel. */
export const UNITS_PER_PIXEL = 256;

/** The whole part of the square root of a whole number from 0 to 2^53. */
export function isqrt(n: number): number {
  let root = Math.floor(Math.sqrt(n));
  while (root * root > n) root -= 1;
  while ((root + 1) * (root + 1) <= n) root += 1;
  return root;
}

/** Radius in 1/256 px of a circle of this mass: twice the root of the mass, in pixels. */
export function radius(mass: number): number {
  return isqrt(mass * 262_144);
}

/** Full speed in 1/256 px a tick of a circle of this mass (at least 1). */
export function fullSpeed(mass: number, tuning: MovementTuning): number {
  const fourthRoot = isqrt(isqrt(mass * 4_294_967_296));
  return Math.max(tuning.slowest, divide(tuning.speed * 256, fourthRoot));
}

/** Moves a circle by one tick, in place. A dash costs mass as it begins. */
export function step(motion: Motion, input: Steered, tuning: MovementTuning): void {
  if (input.dash && canDash(motion, tuning)) {
    motion.mass = massAfterDash(motion.mass, tuning);
    motion.cooldown = tuning.dashCooldown;
  }
  const dashes = isDashing(motion, tuning);
  const usual = fullSpeed(motion.mass, tuning);
  const full = dashes ? divide(usual * tuning.dashPercent, 100) : usual;
  const agility = Math.max(1, dashes ? divide(tuning.agility, 2) : tuning.agility);
  const { x: ix, y: iy } = input;
  const length = isqrt(ix * ix + iy * iy);
  const cut = length > FULL_THROTTLE;
  const steerX = cut ? divide(ix * FULL_THROTTLE, length) : ix;
  const steerY = cut ? divide(iy * FULL_THROTTLE, length) : iy;
  motion.vx = approach(motion.vx, divide(steerX * full, FULL_THROTTLE), agility);
  motion.vy = approach(motion.vy, divide(steerY * full, FULL_THROTTLE), agility);
  motion.x += motion.vx;
  motion.y += motion.vy;
  motion.cooldown = Math.max(0, motion.cooldown - 1);
  const square = motion.x * motion.x + motion.y * motion.y;
  if (square > tuning.wall * tuning.wall) {
    const distance = isqrt(square);
    motion.x = divide(motion.x * tuning.wall, distance);
    motion.y = divide(motion.y * tuning.wall, distance);
  }
}

/** Whether a dash that is pressed now begins. */
export function canDash(motion: Motion, tuning: MovementTuning): boolean {
  return motion.cooldown === 0 && motion.mass >= Math.max(2, tuning.dashLeast);
}

/** Whether a circle is in a dash. */
export function isDashing(motion: Motion, tuning: MovementTuning): boolean {
  return motion.cooldown > tuning.dashCooldown - tuning.dashTicks;
}

/** What a dash leaves of a mass of at least 2. */
function massAfterDash(mass: number, tuning: MovementTuning): number {
  const cost = divide(mass * tuning.dashCost, 1_000);
  return mass - Math.min(Math.max(cost, 1), mass - 1);
}

function approach(velocity: number, wanted: number, agility: number): number {
  const difference = wanted - velocity;
  return velocity + (Math.abs(difference) <= agility ? difference : divide(difference, agility));
}

/** Division that rounds toward zero and never gives −0. */
function divide(numerator: number, denominator: number): number {
  return Math.trunc(numerator / denominator) + 0;
}
