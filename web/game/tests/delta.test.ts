import { DecodeError, Reader } from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import { applyDelta } from '../src/model/delta.ts';
import { View } from '../src/model/view.ts';
import { fromHex, goldenDeltas, toJson, toView } from './support/golden-deltas.ts';

/** Bytes from bits, filled up with zeros; blanks are for the reader. */
function fromBits(text: string): Uint8Array {
  const bits = text.replaceAll(' ', '');
  const whole = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0');
  return Uint8Array.from(whole.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

function refuses(baseline: View, bytes: Uint8Array): void {
  expect(() => applyDelta(baseline, 3, new Reader(bytes), new View())).toThrow(DecodeError);
}

describe('a delta', () => {
  test.each(goldenDeltas)('“$name” makes the server’s view of its baseline', (delta) => {
    const baseline = toView(delta.baseline);
    const view = new View();
    applyDelta(baseline, delta.age, new Reader(fromHex(delta.hex)), view);
    expect(toJson(view)).toEqual(delta.result);
    expect(toJson(baseline)).toEqual(delta.baseline);
  });

  test('overwrites whatever a used view held before', () => {
    const used = toView(goldenDeltas.at(-1)?.result ?? toJson(new View()));
    for (const { baseline, age, hex, result } of goldenDeltas) {
      applyDelta(toView(baseline), age, new Reader(fromHex(hex)), used);
      expect(toJson(used)).toEqual(result);
    }
  });

  test('tells the own circle once, and puts it among the others', () => {
    const living = goldenDeltas.filter(({ result }) => result.view.own !== null);
    expect(living.length).toBeGreaterThan(3);
    for (const { baseline, age, hex } of living) {
      const view = new View();
      applyDelta(toView(baseline), age, new Reader(fromHex(hex)), view);
      const { focus, own } = view;
      expect([view.hasCircle(focus), view.others() & (1 << focus)]).toEqual([true, 0]);
      const [x] = Int16Array.of(Math.round(own.x / 64));
      const [y] = Int16Array.of(Math.round(own.y / 64));
      expect([view.circleX[focus], view.circleY[focus]]).toEqual([x, y]);
      const [radius] = Uint16Array.of(Math.round(8 * Math.sqrt(own.mass)));
      expect(view.circleRadius[focus]).toBe(radius);
    }
  });

  test('is decoded in less than a tenth of a millisecond', () => {
    for (const { baseline, age, hex } of goldenDeltas.filter(({ hex }) => hex.length < 200)) {
      const from = toView(baseline);
      const bytes = fromHex(hex);
      const [reader, view] = [new Reader(bytes), new View()];
      let best = Number.POSITIVE_INFINITY;
      for (let batch = 0; batch < 20; batch += 1) {
        const start = performance.now();
        for (let times = 0; times < 100; times += 1) {
          applyDelta(from, age, reader.reset(bytes), view);
        }
        best = Math.min(best, (performance.now() - start) / 100);
      }
      expect(best).toBeLessThan(0.1);
    }
  });

  test('that is cut off anywhere is refused', () => {
    for (const { baseline, hex } of goldenDeltas) {
      const whole = fromHex(hex);
      for (let length = 0; length < whole.length; length += 1) {
        refuses(toView(baseline), whole.subarray(0, length));
      }
    }
  });

  test('with anything behind its end is refused', () => {
    for (const { baseline, hex } of goldenDeltas) {
      refuses(toView(baseline), Uint8Array.of(...fromHex(hex), 0));
    }
    refuses(new View(), fromBits('1 0 1 1 1 001'));
  });

  // Against a baseline with circles in seats 0 and 4 and a knibble in slot 9.
  test.each([
    ['a second circle in a seat', 'second time', `1 0 0 10 10 ${'1'.padStart(16, '0')}`],
    [
      'the own circle as another’s',
      'among the others',
      `1 1 100000 100000 10000 10000 1 1 0 10 10 ${'0'.repeat(16)} 1 1`,
    ],
    ['an unknown knibble', '1 where 0', `1 0 0 10 10 ${'0'.repeat(16)} 010 010 1`],
    ['more knibbles than there are', '2 where 1', `1 0 0 10 10 ${'0'.repeat(16)} 011 1 1 1`],
    [
      'a knibble beyond the last slot',
      '256 where 255',
      `1 0 0 10 10 ${'0'.repeat(16)} 1 010 0110000000`,
    ],
    ['a circle with half a place', 'cut off', '1 0 1 1000'],
    ['a coordinate without an end', 'too long', `1 0 1 ${'0'.repeat(80)}`],
    ['a coordinate of 17 bits', 'where 65535', `1 0 1 ${'0'.repeat(13)}1${'1'.repeat(16)}`],
  ])('about %s is refused', (_, reason, bits) => {
    const baseline = new View();
    baseline.circles = 0b1_0001;
    baseline.knibbles[9] = 1;
    const read = (bits: string) => applyDelta(baseline, 3, new Reader(fromBits(bits)), new View());
    expect(() => read(bits)).toThrow(reason);
    expect(() => read(bits)).toThrow(DecodeError);
    read(`1 0 0 10 10 ${'0'.repeat(16)} 010 1 1`);
  });
});
