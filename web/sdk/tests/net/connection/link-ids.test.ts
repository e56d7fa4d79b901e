import { describe, expect, test } from 'vitest';
import { browserHost } from '../../../src/host.ts';
import { LinkIds } from '../../../src/net/connection/link-ids.ts';

describe('numbers of links', () => {
  test('are new each time, with one key', () => {
    const ids = new LinkIds(3);
    const given = Array.from({ length: 4_000 }, () => ids.take());
    expect(new Set(given).size).toBe(given.length);
    expect(new Set(given.map((id) => Math.floor(id / 4_096)))).toEqual(new Set([3]));
  });

  test('have a key that is drawn anew for each session, and are safe integers', () => {
    const { secret } = browserHost();
    const keys = Array.from({ length: 100 }, () =>
      Math.floor(new LinkIds(secret()).take() / 4_096),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(Math.max(...keys)).toBeLessThan(2 ** 40);
    expect(new LinkIds(2 ** 40 - 1).take()).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
  });
});
