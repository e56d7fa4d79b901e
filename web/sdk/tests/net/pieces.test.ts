import { describe, expect, test } from 'vitest';
import { FrameSplitter, withLength } from '../../src/net/framing.ts';
import { LinkIds } from '../../src/net/link-ids.ts';
import { readHint, writeHint } from '../../src/net/rung-hint.ts';
import { seededRandom } from '../../src/random.ts';

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

describe('numbers of links', () => {
  test('grow, and leave room for one that attaches late', () => {
    const ids = new LinkIds();
    expect([ids.take(), ids.take()]).toEqual([1, 2]);
    const late = ids.reserve();
    const between = ids.take();
    expect(between).toBeLessThan(late);
    ids.attached(late);
    expect(ids.take()).toBeGreaterThan(late);
  });

  test('pass all that were given out once one was refused', () => {
    const ids = new LinkIds();
    const late = ids.reserve();
    ids.refused();
    expect(ids.take()).toBeGreaterThan(late);
  });
});

describe('the hint', () => {
  const storage = () => {
    const items = new Map<string, string>();
    return {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
    };
  };

  test('lasts ten minutes, for its origin', () => {
    const kept = storage();
    writeHint(kept, 'https://a', 1_000, 'webrtc');
    expect(readHint(kept, 'https://a', 1_000 + 599_999)).toBe('webrtc');
    expect(readHint(kept, 'https://a', 1_000 + 600_001)).toBeUndefined();
    expect(readHint(kept, 'https://b', 2_000)).toBeUndefined();
  });

  test('that is nonsense, or can not be kept, is done without', () => {
    const broken = {
      getItem: () => {
        throw new Error('forbidden');
      },
      setItem: () => {
        throw new Error('full');
      },
    };
    writeHint(broken, 'https://a', 0, 'webrtc');
    expect(readHint(broken, 'https://a', 0)).toBeUndefined();
    expect(readHint({ ...storage(), getItem: () => 'pigeon 5' }, '', 6)).toBeUndefined();
    expect(readHint({ ...storage(), getItem: () => 'webrtc soon' }, '', 6)).toBeUndefined();
    expect(readHint(undefined, '', 6)).toBeUndefined();
  });
});
