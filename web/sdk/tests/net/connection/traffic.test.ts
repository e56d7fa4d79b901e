import { describe, expect, test } from 'vitest';
import { Traffic } from '../../../src/net/connection/traffic.ts';

describe('the traffic', () => {
  test('is counted in all, by what the link was for, and by the second', () => {
    const traffic = new Traffic();
    for (let now = 0; now < 10_000; now += 50) {
      traffic.count(now, { bytesIn: 10, bytesOut: 5, unsent: 0 }, false);
      if (now >= 9_000) {
        traffic.count(now, { bytesIn: 10, bytesOut: 0, unsent: 1 }, true);
      }
    }
    expect(traffic.totals).toEqual({ bytesIn: 2_200, bytesOut: 1_000, unsent: 20 });
    expect(traffic.beside).toEqual({ bytesIn: 200, bytesOut: 0 });
    expect(traffic.perSecond(10_000).bytesOut).toBe(100);
    expect(traffic.perSecond(10_000).bytesIn).toBe(300);
    expect(traffic.perSecond(60_000).bytesIn).toBe(0);
  });
});
