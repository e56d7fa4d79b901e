import { expect, test } from 'vitest';
import { DecodeError, Reader, Writer } from '../../src/protocol/codec.ts';
import { decodeServerFrame } from '../../src/protocol/control.ts';
import { seededRandom } from '../../src/random.ts';

const random = seededRandom(7);

function whole(least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** A number of this range; the edges and numbers of few bits come often. */
function edgy(least: number, most: number): number {
  const choice = random();
  if (choice < 0.2) {
    return choice < 0.1 ? least : most;
  }
  const scaled = whole(least, most) / 2 ** whole(0, 31);
  return Math.trunc(scaled);
}

test.each([
  ['u16', 0, 0xffff],
  ['u32', 0, 0xffff_ffff],
  ['u64', 0, Number.MAX_SAFE_INTEGER],
  ['i16', -0x8000, 0x7fff],
  ['i32', -0x8000_0000, 0x7fff_ffff],
  ['u8', 0, 0xff],
  ['i8', -0x80, 0x7f],
  ['u16le', 0, 0xffff],
  ['u32le', 0, 0xffff_ffff],
] as const)('%s comes back as it went', (kind, least, most) => {
  for (let i = 0; i < 2_000; i += 1) {
    const value = edgy(least, most);
    const reader = new Reader(new Writer(1)[kind](value).finish());
    expect(reader[kind]() + 0).toBe(value + 0);
    expect(reader.remaining).toBe(0);
  }
  expect(() => new Writer()[kind](most + 1)).toThrow(RangeError);
  expect(() => new Writer()[kind](least - 1)).toThrow(RangeError);
});

test('zigzag varints are as postcard writes them', () => {
  const bytes = new Writer().i16(0).i16(-1).i16(1).i16(63).i16(-64).i16(64).i32(-0x8000_0000);
  expect([...bytes.view()]).toEqual([0, 1, 2, 126, 127, 128, 1, 255, 255, 255, 255, 15]);
});

test('a varint beyond its type is refused', () => {
  expect(() => new Reader(new Uint8Array([0xff, 0xff, 0x04])).u16()).toThrow(DecodeError);
  expect(() => new Reader(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x10])).u32()).toThrow(
    DecodeError,
  );
  expect(() => new Reader(new Uint8Array(11).fill(0xff)).u64()).toThrow(DecodeError);
});

test('strings of any script come back, others than UTF-8 and too long ones do not', () => {
  const bytes = new Writer().string('Zoë 🐙').finish();
  expect(new Reader(bytes).string(9)).toBe('Zoë 🐙');
  expect(() => new Reader(bytes).string(8)).toThrow(DecodeError);
  expect(() => new Reader(new Uint8Array([1, 0xff])).string(4)).toThrow(DecodeError);
});

test('a list that announces too much is refused before it is read', () => {
  const announces = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
  expect(() => new Reader(announces).list(16, (reader) => reader.u8())).toThrow('16 are allowed');
});

test('options, booleans and variants know only their own tags', () => {
  expect(new Reader(new Uint8Array([0])).option((reader) => reader.u8())).toBeUndefined();
  expect(new Reader(new Uint8Array([1, 9])).option((reader) => reader.u8())).toBe(9);
  expect(() => new Reader(new Uint8Array([2, 9])).option((reader) => reader.u8())).toThrow();
  expect(() => new Reader(new Uint8Array([2])).bool()).toThrow(DecodeError);
  expect(() => new Reader(new Uint8Array([5])).variant(5)).toThrow(DecodeError);
});

test('noise as a frame is refused or understood, and nothing else', () => {
  for (let i = 0; i < 20_000; i += 1) {
    const noise = Uint8Array.from({ length: whole(0, 24) }, () => whole(0, 255));
    try {
      decodeServerFrame(noise);
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
    }
  }
});
