import { describe, expect, test } from 'vitest';
import { Overtaking } from '../../../src/net/transport/overtaking.ts';

/** Whether it is often after these came, one each 50 ms. */
function isOften(sequences: number[], pause = 50): boolean {
  const overtaking = new Overtaking();
  sequences.forEach((sequence, index) => {
    overtaking.came(index * pause, sequence);
  });
  return overtaking.isOften(sequences.length * pause);
}

describe('overtaking', () => {
  test('is not often where all comes in order, also round the end of the numbers', () => {
    const sequences = Array.from({ length: 100 }, (_, step) => (65_500 + step) & 0xffff);
    expect(isOften(sequences)).toBe(false);
    expect(isOften([])).toBe(false);
  });

  test('is not often where datagrams are missing', () => {
    expect(isOften([1, 5, 9, 40, 41])).toBe(false);
  });

  test('is often when two came late within ten seconds', () => {
    expect(isOften([1, 3, 2, 4])).toBe(false);
    expect(isOften([1, 3, 2, 5, 4])).toBe(true);
    expect(isOften([1, 3, 2, 5, 4], 4_000)).toBe(false);
  });
});
