import { describe, expect, test } from 'vitest';
import { LinkIds } from '../../../src/net/connection/link-ids.ts';

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
