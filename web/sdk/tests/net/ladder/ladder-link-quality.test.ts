/** The ladder over links whose quality changes: fades, a rung that starves, a server that restarts. */

import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/random.ts';
import type { RungKind } from '../../../src/rung.ts';
import { type Behaviour, GOOD, Scene } from '../../support/ladder-scene.ts';

/** A path that is faded for `mean` milliseconds on average, for this share of the time. */
function fades(share: number, mean: number, seed: number): (now: number) => boolean {
  const random = seededRandom(seed);
  const last = (of: number) => -Math.log(1 - random()) * of;
  const good = (mean * (1 - share)) / share;
  let isFaded = false;
  let until = last(good);
  return (now) => {
    while (until <= now) {
      isFaded = !isFaded;
      until += last(isFaded ? mean : good);
    }
    return !isFaded;
  };
}

function scene(behaviour: Partial<Record<RungKind, Behaviour>>): Scene {
  return new Scene({ ...GOOD, ...behaviour }).run(10_000);
}

describe('short fades of one rung', () => {
  const faded = (share: number, seed: number) =>
    scene({ webtransport: { opensAfter: 370, passes: fades(share, 60, seed) } });

  test('are bridged by a second link, which takes most of the starving away', () => {
    const alone = new Scene(
      { webtransport: { opensAfter: 370, passes: fades(0.1, 60, 3) } },
      { rungs: ['webtransport'] },
    ).run(190_000);
    const both = faded(0.1, 3).run(190_000);
    expect(alone.starved).toBeGreaterThan(2_000);
    expect(both.starved).toBeLessThan(alone.starved / 3);
  });

  test('do not make it open links all the time, nor move the game about', () => {
    for (const share of [0.05, 0.1]) {
      const { opened, moves } = faded(share, 5).run(310_000);
      // In five minutes: each relapse is answered for longer than the one before.
      expect(opened.length - 2).toBeLessThanOrEqual(12);
      expect(moves.length - 2).toBeLessThanOrEqual(8);
    }
  });

  test('of all rungs do not cut short a connect that takes its time', () => {
    const passes = (now: number) => now % 1_000 >= 260;
    const slow = new Scene({
      websocket: { opensAfter: 250, passes },
      webtransport: { opensAfter: 2_000, passes },
    }).run(3_000);
    expect(slow.opened.filter((line) => line.endsWith('webtransport'))).toHaveLength(1);
    expect(slow.rung).toBe('webtransport');
  });

  test('cost no second link where they are too short to starve anyone', () => {
    const { brought, opened } = scene({
      webtransport: { opensAfter: 370, passes: (now) => now % 1_000 >= 60 },
    }).run(70_000);
    expect(opened).toHaveLength(2);
    expect(brought.websocket).toBeLessThan(20);
  });
});

describe('a second link', () => {
  /** Silent for 300 ms each four seconds. */
  const hiccups = (now: number) => now % 4_000 >= 300;

  test('is let go once there was no trouble for a while', () => {
    const one = scene({
      webtransport: { opensAfter: 370, passes: (now) => now < 12_000 || now > 12_300 },
    });
    expect(one.run(14_000).uses()).toEqual(['websocket active', 'webtransport active']);
    expect(one.run(23_000).uses()).toEqual(['webtransport active']);
  });

  test('that starves in the same moments is let go, and not asked for again soon', () => {
    const together = scene({
      webtransport: { opensAfter: 370, passes: hiccups },
      websocket: { opensAfter: 250, passes: hiccups },
    });
    together.run(130_000);
    const share = together.brought.websocket / (120_000 / 50);
    expect(share).toBeLessThan(0.6);
  });
});

describe('a rung that starves, and another that does not', () => {
  /** Of each second, 300 ms are lost: UDP that is held back. */
  const policed = { opensAfter: 370, passes: (now: number) => now % 1_000 >= 300 };

  test('the game goes to the other, and stays there', () => {
    const webrtc = { ...policed, opensAfter: 1_270 };
    const starving = scene({ webtransport: policed, webrtc }).run(60_000);
    expect(starving.rung).toBe('websocket');
    const { moves, starved } = starving;
    const movesBefore = moves.length;
    const starvedBefore = starved;
    starving.run(310_000);
    expect(starving.rung).toBe('websocket');
    expect(moves.length).toBe(movesBefore);
    expect(starving.starved - starvedBefore).toBeLessThan(200);
  });

  test('the starving one is tried ever more rarely', () => {
    const starving = scene({ webtransport: policed }).run(610_000);
    const early = starving.brought.webtransport;
    starving.run(1_210_000);
    const late = starving.brought.webtransport - early;
    expect(late / (600_000 / 50)).toBeLessThan(0.25);
  });

  test('the game climbs back when it has recovered', () => {
    const starving = scene({
      webtransport: { ...policed, passes: (now) => now > 60_000 || policed.passes(now) },
    }).run(60_000);
    expect(starving.run(200_000).rung).toBe('webtransport');
    expect(starving.run(260_000).uses()).toEqual(['webtransport active']);
  });
});

describe('a bundle of WebSockets that starves where UDP is blocked', () => {
  test('gets no second bundle beside it', () => {
    const blocked = new Scene({
      websocket: { opensAfter: 250, passes: (now) => now < 5_000 || now % 2_000 >= 300 },
    }).run(60_000);
    expect(blocked.opened.filter((line) => line.endsWith('websocket'))).toHaveLength(1);
  });
});

describe('a server that restarts', () => {
  const FAILS_AFTER = 20;

  /** When each of many clients comes back, in milliseconds after the server did. */
  function returns(downFor: number): number[] {
    return Array.from({ length: 200 }, (_, client) => {
      const behaviour: Partial<Record<RungKind, Behaviour>> = { ...GOOD };
      const one = new Scene(behaviour, { dice: (client + 0.5) / 200 }).run(10_000);
      for (const rung of ['webtransport', 'webrtc', 'websocket'] as const) {
        behaviour[rung] = { failsAfter: FAILS_AFTER };
        one.kill(rung);
      }
      one.run(10_000 + downFor);
      Object.assign(behaviour, GOOD);
      // What was just being opened when the server came back succeeds, too.
      const since = Math.max(10_000, one.now - FAILS_AFTER);
      const isInTime = (line: string) => Number.parseFloat(line) > since;
      const early = one.opened.length - one.opened.filter(isInTime).length;
      while (one.opened.length === early) {
        one.run(one.now + 10);
      }
      return Math.max(0, Number.parseFloat(one.opened[early] ?? '') - 10_000 - downFor);
    });
  }

  test('is not met by all its clients in the same moment', () => {
    for (const downFor of [5_000, 20_000]) {
      const times = returns(downFor).sort((a, b) => a - b);
      const busiest = Math.max(
        ...times.map((time) => times.filter((other) => other >= time && other < time + 100).length),
      );
      expect(busiest).toBeLessThan(30);
      expect(times.at(-1)).toBeLessThan(3_100);
    }
  });

  test('that was away for a moment is back in the next one', () => {
    const times = returns(0);
    expect(Math.max(...times)).toBeLessThanOrEqual(220);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(100);
  });
});
