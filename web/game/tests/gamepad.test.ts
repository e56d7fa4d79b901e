import { describe, expect, test } from 'vitest';
import { type Pad, readButtons, steerByPad } from '../src/input/gamepad.ts';

function pad(x: number, y: number, held: Readonly<Record<number, number>> = {}): Pad {
  const buttons = Array.from({ length: 17 }, (_, index) => {
    const value = held[index] ?? 0;
    return { pressed: value > 0.1, value };
  });
  return { axes: [x, y, 0, 0], buttons };
}

function steer(at: Pad): { x: number; y: number } {
  const out = { x: 9, y: 9 };
  steerByPad(at, out);
  return out;
}

describe('a gamepad', () => {
  test('stands still within a round dead zone', () => {
    for (let angle = 0; angle < 6.3; angle += 0.3) {
      expect(steer(pad(Math.cos(angle) * 0.17, Math.sin(angle) * 0.17))).toEqual({ x: 0, y: 0 });
    }
  });

  test('keeps the stick’s direction and begins softly outside it', () => {
    const soft = steer(pad(0.25, 0.25));
    expect(soft.x).toBe(soft.y);
    expect(soft.x).toBeGreaterThan(5);
    expect(soft.x).toBeLessThan(40);
    expect(steer(pad(0, -0.95))).toEqual({ x: 0, y: -127 });
    expect(steer(pad(0.7, 0.7))).toEqual({ x: 90, y: 90 });
  });

  test('goes by its cross before its stick', () => {
    expect(steer(pad(1, 0, { 14: 1, 12: 1 }))).toEqual({ x: -90, y: -90 });
    expect(steer(pad(1, 0, { 14: 1, 15: 1 }))).toEqual({ x: 127, y: 0 });
  });

  test('dashes by A and by the right trigger, once that is meant', () => {
    const buttons = { dash: false, confirm: false, back: false, start: false };
    const read = (held: Readonly<Record<number, number>>) => {
      readButtons(pad(0, 0, held), buttons);
      return { ...buttons };
    };
    expect(read({ 0: 1 })).toEqual({ dash: true, confirm: true, back: false, start: false });
    expect(read({ 7: 0.8 })).toEqual({ dash: true, confirm: false, back: false, start: false });
    expect(read({ 7: 0.2 }).dash).toBe(false);
    expect(read({ 1: 1, 9: 1 })).toEqual({ dash: false, confirm: false, back: true, start: true });
  });

  test('without sticks or buttons asks for nothing', () => {
    expect(steer({ axes: [], buttons: [] })).toEqual({ x: 0, y: 0 });
  });
});
