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
  readonly tuning: MovementTuning;
  readonly start: Motion;
  readonly masses: readonly (readonly [number, number, number])[];
  readonly steps: readonly (readonly [number, number, number, number, number, number, number])[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../tests/golden/movement.json', import.meta.url), 'utf8'),
) as Golden;

describe('the movement twin', () => {
  test('gives the server’s radius and speed for every mass', () => {
    for (const [mass, expectedRadius, expectedSpeed] of golden.masses) {
      expect([mass, radius(mass), fullSpeed(mass, golden.tuning)]).toEqual([
        mass,
        expectedRadius,
        expectedSpeed,
      ]);
    }
  });

  test('follows the server’s trace bit for bit', () => {
    const motion = { ...golden.start };
    for (const [ix, iy, mass, x, y, vx, vy] of golden.steps) {
      step(motion, ix, iy, mass, golden.tuning);
      expect(motion).toEqual({ x, y, vx, vy });
    }
  });

  test('never shows a negative zero', () => {
    const motion = { x: 0, y: 0, vx: 0, vy: 0 };
    step(motion, -1, -1, 1_000_000, { speed: 10, slowest: 1, agility: 6, wall: 1000 });
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
