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

  test('tells where the own circle is once, and puts it among the others', () => {
    for (const { baseline, age, hex } of goldenDeltas) {
      const view = new View();
      applyDelta(toView(baseline), age, new Reader(fromHex(hex)), view);
      expect(view.hasCircle(view.focus)).toBe(view.own.present || view.others() !== 0);
    }
    const delta = goldenDeltas.find(({ name }) => name === 'moved');
    const view = new View();
    applyDelta(
      toView(delta?.baseline ?? toJson(view)),
      delta?.age ?? 0,
      new Reader(fromHex(delta?.hex ?? '')),
      view,
    );
    const { x, y, mass } = view.own;
    expect(view.circleX[1]).toBe(Math.round(x / 64));
    expect(view.circleY[1]).toBe(Math.round(y / 64));
    expect(view.circleRadius[1]).toBe(Math.round(8 * Math.sqrt(mass)));
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
      `1 1 100000 100000 10000 10000 1 0 10 10 ${'0'.repeat(16)} 1 1`,
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
