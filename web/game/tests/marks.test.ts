import { describe, expect, test } from 'vitest';
import { signPlace } from '../src/view/label-layout.ts';
import { circleColour, INK, OWN } from '../src/view/palette.ts';
import { rimOf } from '../src/view/rims.ts';
import { SIGNS, signOf } from '../src/view/seat-sign.ts';

const SEATS = Array.from({ length: 12 }, (_, seat) => seat);
const NOBODY = -1;

/** The disc's own shade, as its texture has it. */
const SHADE = 0.82;

function channels(colour: number, shade = 1): readonly number[] {
  return [16, 8, 0].map((shift) => {
    const value = (((colour >> shift) & 255) / 255) * shade;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

/** Relative luminance, as WCAG has it. */
function luminance(colour: number, shade = 1): number {
  const [red = 0, green = 0, blue = 0] = channels(colour, shade);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('a seat’s mark', () => {
  test('differs from every other’s by its sign, and by its colour', () => {
    expect(new Set(SEATS.map(signOf)).size).toBe(12);
    expect(new Set(SIGNS).size).toBe(12);
    expect(new Set(SEATS.map((seat) => circleColour(seat, NOBODY))).size).toBe(12);
  });

  test('stays one of its own in the largest room', () => {
    const seats = Array.from({ length: 16 }, (_, seat) => seat);
    const marks = seats.map((seat) => `${signOf(seat)} ${circleColour(seat, NOBODY)}`);
    expect(new Set(marks).size).toBe(16);
  });

  test('is of a colour that a dark name can be read on', () => {
    for (const colour of [OWN, ...SEATS.map((seat) => circleColour(seat, NOBODY))]) {
      const contrast = (luminance(colour, SHADE) + 0.05) / (luminance(INK) + 0.05);
      expect(contrast, colour.toString(16)).toBeGreaterThan(4.5);
    }
  });

  test('stands above a name inside its circle, and else in the middle', () => {
    expect(signPlace(40, 0, true).above).toBe(0);
    expect(signPlace(40, 19, false).above).toBe(0);
    const { side, above } = signPlace(40, 19, true);
    // A sign fills little more than half of its square.
    expect(above - side * 0.28).toBeGreaterThan(19 / 2);
    expect(above + side * 0.32).toBeLessThan(40);
  });
});

describe('a rim', () => {
  test('says who is one’s own, a threat, prey, or neither', () => {
    expect(rimOf(3, 3, 50, 50)).toBe('own');
    expect(rimOf(5, 3, 60, 50)).toBe('threat');
    expect(rimOf(5, 3, 40, 50)).toBe('prey');
    expect(rimOf(5, 3, 51, 50)).toBeUndefined();
  });

  test('says nothing to who only watches', () => {
    expect(rimOf(5, 3, 60, undefined)).toBeUndefined();
  });
});
