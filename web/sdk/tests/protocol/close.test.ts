import { describe, expect, test } from 'vitest';
import { decodeServerFrame, encodeServerFrame } from '../../src/protocol/control.ts';

const CLOSES = [
  ['010ac8', '01', { kind: 'close', reason: 'refused', code: 200 }],
  ['010b00', '', { kind: 'close', reason: 'action-refused', code: 0 }],
  ['010cffff', '03', { kind: 'close', reason: 'kicked', code: 65_535 }],
  ['010d', '', { kind: 'close', reason: 'room-ended' }],
  ['010e', '', { kind: 'close', reason: 'backlogged' }],
] as const;

describe('a close by the game', () => {
  test.each(CLOSES)('is %s%s on the wire', (head, tail, frame) => {
    const bytes = new Uint8Array(Buffer.from(head + tail, 'hex'));
    expect(decodeServerFrame(bytes)).toEqual(frame);
    expect(encodeServerFrame(frame)).toEqual(bytes);
  });

  test('of a reason that is not known is malformed', () => {
    expect(() => decodeServerFrame(new Uint8Array([1, 15]))).toThrow('unknown variant');
  });

  test('whose code is left out is cut off', () => {
    expect(() => decodeServerFrame(new Uint8Array([1, 12]))).toThrow('cut off');
  });
});
