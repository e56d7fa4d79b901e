/** The ladder's rules on their own: figures in, a choice out. */

import { describe, expect, test } from 'vitest';
import { connectTimeout } from '../../../src/net/links/connect-timeout.ts';
import {
  GapHistory,
  suspectAfter,
  uplinkSuspectAfter,
} from '../../../src/net/links/gap-history.ts';
import { RungRecord } from '../../../src/net/links/rung-record.ts';
import { SecondLink } from '../../../src/net/links/second-link.ts';

describe('a silence', () => {
  test('of four intervals is suspect where no gaps are known', () => {
    expect(suspectAfter(50, 0)).toBe(200);
    expect(suspectAfter(100, 0)).toBe(400);
  });

  test('is not suspect at once because snapshots come often', () => {
    expect(suspectAfter(1_000 / 60, 0)).toBe(150);
  });

  test('that is usual here is borne longer, up to eight intervals', () => {
    expect(suspectAfter(50, 250)).toBe(312.5);
    expect(suspectAfter(50, 5_000)).toBe(400);
  });

  test('is usual when it was there twice in half a minute', () => {
    const gaps = new GapHistory();
    gaps.push(1_000, 350);
    expect(gaps.usual(1_000)).toBe(0);
    gaps.push(20_000, 240);
    expect(gaps.usual(20_000)).toBe(240);
    gaps.push(25_000, 300);
    expect(gaps.usual(25_000)).toBe(300);
    expect(gaps.usual(31_500)).toBe(240);
    expect(gaps.usual(60_000)).toBe(0);
  });
});

describe('a silence on the way up', () => {
  test('is suspect at four datagrams where hardly any are lost', () => {
    expect(uplinkSuspectAfter(0, 60_000)).toBe(120);
    expect(uplinkSuspectAfter(50, 60_000)).toBe(120);
  });

  test('may be twice what is usual here, up to 400 ms', () => {
    expect(uplinkSuspectAfter(100, 60_000)).toBe(200);
    expect(uplinkSuspectAfter(3_000, 60_000)).toBe(400);
  });

  test('is borne longer on a path that nobody knows yet', () => {
    expect(uplinkSuspectAfter(0, 1_000)).toBe(300);
  });
});

describe('a second link', () => {
  /** Feeds the rule from `from` to `until`; gives for how many milliseconds it wanted the link. */
  function feed(
    rule: SecondLink,
    from: number,
    until: number,
    own: (now: number) => number,
    together: number,
  ): number {
    let wanted = 0;
    for (let now = from; now < until; now += 100) {
      rule.update(now, {
        own: own(now),
        together,
        hasSecond: rule.isRequested,
        isCongested: false,
      });
      wanted += rule.isRequested ? 100 : 0;
    }
    return wanted;
  }

  test('is not wanted for what a path does now and then', () => {
    expect(feed(new SecondLink(), 0, 60_000, () => 0.024, 0)).toBe(0);
  });

  test('is wanted while more starving comes, and a while longer', () => {
    const rule = new SecondLink();
    const growing = (now: number) => (now < 20_000 ? 0.03 + now / 1e7 : 0);
    expect(feed(rule, 0, 60_000, growing, 0.001)).toBeCloseTo(28_000, -3);
  });

  test('is held longer each time the end came too soon, to a minute at most', () => {
    const rule = new SecondLink();
    const holds: number[] = [];
    for (let now = 0; holds.length < 6; ) {
      feed(rule, now, now + 500, () => 0.03, 0);
      holds.push(feed(rule, now + 500, now + 90_000, () => 0, 0));
      now += 500 + (holds.at(-1) ?? 0) + 20_000;
    }
    expect(holds.map((hold) => Math.round(hold / 1_000))).toEqual([8, 16, 32, 60, 60, 60]);
  });

  test('that does not help is let go after ten seconds, ever longer', () => {
    const rule = new SecondLink();
    const always = (now: number) => 0.05 + now / 1e9;
    const wanted = feed(rule, 0, 600_000, always, 0.05);
    expect(wanted / 600_000).toBeLessThan(0.08);
    rule.forgive();
    expect(feed(rule, 600_000, 601_000, always, 0.05)).toBeGreaterThan(800);
  });
});

describe('a connect in an outage', () => {
  test('is made anew after what its rung needs on this path', () => {
    expect(connectTimeout('websocket', 100, 0, 0.5)).toBe(400);
    expect(connectTimeout('webtransport', 100, 0, 0.5)).toBe(450);
    expect(connectTimeout('webrtc', 100, 0, 0.5)).toBe(1_050);
    expect(connectTimeout('websocket', 5, 0, 0.5)).toBe(300);
    expect(connectTimeout('webrtc', 2_000, 0, 0.5)).toBe(4_000);
  });

  test('is spread by the dice, and slowed down when it lasts', () => {
    expect(connectTimeout('websocket', 100, 0, 0)).toBeCloseTo(340);
    expect(connectTimeout('websocket', 100, 0, 1)).toBeCloseTo(460);
    expect(connectTimeout('websocket', 100, 8, 0.5)).toBe(400);
    expect(connectTimeout('websocket', 100, 12, 0.5)).toBeGreaterThan(900);
    expect(connectTimeout('websocket', 100, 200, 0.5)).toBe(2_000);
  });
});

describe('a rung', () => {
  /** When it may be tried again after so many failures, in milliseconds. */
  function pause(failures: number, priority: 'climb' | 'lost' | 'outage', jitter = 0.5): number {
    const record = new RungRecord(jitter);
    for (let i = 0; i < failures; i += 1) {
      record.failed(1_000);
    }
    let now = 1_000;
    while (!record.mayTry(now, priority)) {
      now += 50;
    }
    return now - 1_000;
  }

  test('is tried again at once when it worked until now', () => {
    const record = new RungRecord(0.5);
    record.ended(1_000);
    expect(record.mayTry(1_100, 'lost')).toBe(true);
    expect(record.mayTry(1_050, 'lost')).toBe(false);
  });

  test('backs off, more slowly while another link carries the game', () => {
    expect([1, 2, 3, 10].map((n) => pause(n, 'climb'))).toEqual([5_000, 10_000, 20_000, 60_000]);
    expect([1, 2, 3, 10].map((n) => pause(n, 'lost'))).toEqual([400, 800, 1_600, 2_000]);
    expect([1, 5, 12, 20].map((n) => pause(n, 'outage'))).toEqual([250, 250, 250, 2_000]);
  });

  test('backs off by a time of its own on each client', () => {
    expect(pause(1, 'climb', 0)).toBe(2_500);
    expect(pause(1, 'climb', 0.99)).toBe(7_450);
  });

  test('that did not win the game back rests, ever longer, unless there is nothing else', () => {
    const record = new RungRecord(0.5);
    record.rest(0);
    expect(record.mayTry(29_000, 'climb')).toBe(false);
    expect(record.mayTry(29_000, 'outage')).toBe(true);
    expect(record.mayTry(30_000, 'climb')).toBe(true);
    record.rest(30_000);
    expect(record.mayTry(89_000, 'climb')).toBe(false);
    record.retryAt(89_000);
    expect(record.mayTry(89_000, 'climb')).toBe(true);
  });

  test('must prove itself for longer after each loss of the game, and is absolved', () => {
    const record = new RungRecord(0.5);
    expect(record.proof).toBe(0);
    const proofs = [1, 2, 3, 4, 5, 6].map(() => {
      record.lostGame();
      return record.proof;
    });
    expect(proofs).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    record.absolve();
    expect(record.proof).toBe(0);
  });
});
