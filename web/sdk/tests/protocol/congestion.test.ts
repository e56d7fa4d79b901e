import { describe, expect, it } from 'vitest';
import { Congestion } from '../../src/protocol/congestion.ts';

/** Round trips at twenty a second from `from` on; gives the times in milliseconds at which the verdict changed. */
function play(
  congestion: Congestion,
  from: number,
  seconds: number,
  roundTrip: (now: number) => number,
): number[] {
  const changes: number[] = [];
  let before = congestion.isCongested;
  for (let now = from; now < from + 1_000 * seconds; now += 50) {
    congestion.onRoundTrip(now, roundTrip(now));
    if (congestion.isCongested !== before) {
      before = congestion.isCongested;
      changes.push(now);
    }
  }
  return changes;
}

describe('Congestion', () => {
  it('takes neither jitter nor stalls for a queue', () => {
    const congestion = new Congestion();
    expect(play(congestion, 0, 60, (now) => 100 + ((now * 7) % 61))).toEqual([]);
    expect(play(congestion, 60_000, 60, (now) => (now % 2_000 < 400 ? 500 : 100))).toEqual([]);
  });

  it('sees a queue that stands within a second, and remembers it for ten', () => {
    const congestion = new Congestion();
    const [seen, gone] = play(congestion, 0, 60, (now) =>
      now >= 5_000 && now < 8_000 ? 200 - (now - 5_000) / 40 : 100,
    );
    expect(seen).toBeGreaterThan(5_000);
    expect(seen).toBeLessThan(6_000);
    expect(gone).toBeGreaterThan(17_000);
    expect(gone).toBeLessThan(19_000);
  });

  it('remembers one that comes back for longer', () => {
    const congestion = new Congestion();
    const isQueued = (now: number) =>
      (now > 2_000 && now < 4_000) || (now > 18_000 && now < 20_000);
    const changes = play(congestion, 0, 60, (now) => (isQueued(now) ? 200 : 100));
    expect(changes.length).toBe(4);
    expect((changes[3] ?? 0) - 20_000).toBeGreaterThan(18_000);
  });

  it('takes one that stood from the beginning for a queue, and one that stays for the path', () => {
    const congestion = new Congestion();
    const [seen, gone, ...more] = play(congestion, 0, 120, () => 600);
    expect(seen).toBeLessThan(500);
    expect(gone).toBeLessThan(8_000);
    expect(more).toEqual([]);
  });

  it('begins anew on another path', () => {
    const congestion = new Congestion();
    play(congestion, 0, 5, () => 40);
    congestion.forget();
    expect(play(congestion, 5_000, 30, () => 200)).toEqual([]);
  });
});
