import { describe, expect, test } from 'vitest';
import { readHint, writeHint } from '../../../src/net/ladder/rung-hint.ts';

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
