import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  fullSpeed,
  isqrt,
  type Motion,
  type MovementTuning,
  radius,
  step,
} from '../src/model/movement.ts';

interface Golden {
  readonly tuning: { readonly [name: string]: number };
  readonly start: Omit<Motion, 'mass'>;
  readonly masses: readonly (readonly [number, number, number])[];
  /** x, y, dash and mass before the step; x, y, vx, vy, cooldown and mass after it. */
  readonly steps: readonly (readonly number[])[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../tests/golden/movement.json', import.meta.url), 'utf8'),
) as Golden;

const tuning = Object.fromEntries(
  Object.entries(golden.tuning).map(([name, value]) => [
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]),
) as unknown as MovementTuning;

describe('the movement twin', () => {
  test('gives the server’s radius and speed for every mass', () => {
    for (const [mass, expectedRadius, expectedSpeed] of golden.masses) {
      expect([mass, radius(mass), fullSpeed(mass, tuning)]).toEqual([
        mass,
        expectedRadius,
        expectedSpeed,
      ]);
    }
  });

  test('follows the server’s trace bit for bit, dashes and all', () => {
    const motion: Motion = { ...golden.start, mass: 0 };
    let dashes = 0;
    for (const [x = 0, y = 0, dash, mass = 0, ...after] of golden.steps) {
      motion.mass = mass;
      step(motion, { x, y, dash: dash === 1 }, tuning);
      expect([motion.x, motion.y, motion.vx, motion.vy, motion.cooldown, motion.mass]).toEqual(
        after,
      );
      dashes += motion.mass < mass ? 1 : 0;
    }
    expect(dashes).toBeGreaterThanOrEqual(10);
  });

  test('never shows a negative zero', () => {
    const motion: Motion = { x: 0, y: 0, vx: 0, vy: 0, mass: 1_000_000, cooldown: 0 };
    step(motion, { x: -1, y: -1, dash: false }, { ...tuning, speed: 10, slowest: 1, wall: 1000 });
    for (const value of Object.values(motion)) {
      expect(Object.is(value, -0)).toBe(false);
    }
  });

  test('takes exact roots where doubles round', () => {
    const root = 94_906_265;
    expect(isqrt(root * root)).toBe(root);
    expect(isqrt(root * root - 1)).toBe(root - 1);
    expect(isqrt(0)).toBe(0);
  });
});
