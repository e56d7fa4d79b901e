import { describe, expect, test } from 'vitest';
import { FrameSplitter, withLength } from '../../../src/net/transport/framing.ts';
import { seededRandom } from '../../../src/random.ts';

describe('frames on a stream', () => {
  test('come out whole, however the stream is cut', () => {
    const random = seededRandom(2);
    const frames = Array.from({ length: 200 }, (_, i) =>
      new Uint8Array(Math.floor(random() * 400)).fill(i & 0xff),
    );
    const stream = frames.flatMap((frame) => [...withLength(frame)]);
    const splitter = new FrameSplitter();
    const out: Uint8Array[] = [];
    for (let at = 0; at < stream.length; ) {
      const step = 1 + Math.floor(random() * 97);
      out.push(...splitter.push(Uint8Array.from(stream.slice(at, at + step))));
      at += step;
    }
    expect(out).toEqual(frames);
  });

  test('are refused when they announce too much', () => {
    expect(() => new FrameSplitter().push(new Uint8Array([0x01, 0x40]))).toThrow('16385');
    expect(new FrameSplitter().push(new Uint8Array([0x00, 0x40]))).toEqual([]);
  });
});
