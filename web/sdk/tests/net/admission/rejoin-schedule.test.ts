/** When a client asks for a seat again: figures in, moments out. */

import { describe, expect, test } from 'vitest';
import { ConnectError } from '../../../src/connect-error.ts';
import {
  isNotYet,
  LossPauses,
  RejoinSchedule,
  slotAfterGoodbye,
  slotAfterLoss,
} from '../../../src/net/admission/rejoin-schedule.ts';

/** The moments at which a schedule says yes, asked each `step`. */
function moments(schedule: RejoinSchedule, until: number, step: number): number[] {
  const due: number[] = [];
  for (let now = 0; now <= until; now += step) {
    if (schedule.isDue(now, undefined)) {
      due.push(now);
    }
  }
  return due;
}

describe('a slot', () => {
  test('comes once each, on an even grid', () => {
    const schedule = new RejoinSchedule(100, { afterMs: 250, everyMs: 1_000 });
    expect(moments(schedule, 3_500, 1)).toEqual([350, 1_350, 2_350, 3_350]);
  });

  test('that is read late is used late, and does not shift the next', () => {
    const schedule = new RejoinSchedule(0, { afterMs: 500, everyMs: 1_000 });
    expect(schedule.isDue(3_900, undefined)).toBe(true);
    expect(schedule.isDue(4_499, undefined)).toBe(false);
    expect(schedule.isDue(4_500, undefined)).toBe(true);
  });

  test('passes while a request is under way, unless that hangs', () => {
    const schedule = new RejoinSchedule(0, { afterMs: 0, everyMs: 1_000 });
    expect(schedule.isDue(0, undefined)).toBe(true);
    expect(schedule.isDue(1_000, 1_000)).toBe(false);
    expect(schedule.isDue(2_000, 1_999)).toBe(false);
    expect(schedule.isDue(3_000, 2_000)).toBe(true);
  });

  test('is the server’s own where it gives one, the first at once included', () => {
    expect(slotAfterGoodbye({ afterMs: 0, everyMs: 900 }, () => 0.5)).toEqual({
      afterMs: 0,
      everyMs: 900,
    });
  });

  test.each([undefined, { afterMs: 0, everyMs: 0 }])('is drawn where it gives none', (given) => {
    expect(slotAfterGoodbye(given, () => 0)).toEqual({ afterMs: 0, everyMs: 1_000 });
    expect(slotAfterGoodbye(given, () => 0.999).afterMs).toBeCloseTo(1_498.5);
    expect(slotAfterGoodbye(given, () => 0.999).everyMs).toBeCloseTo(1_999);
  });

  test('after a loss lies within two seconds and the pause', () => {
    expect(slotAfterLoss(4_000, () => 0).afterMs).toBe(4_000);
    expect(slotAfterLoss(4_000, () => 0.999).afterMs).toBeLessThan(6_000);
  });
});

describe('pauses between losses', () => {
  test('grow while sessions are short, up to ten seconds, and are forgotten after a long one', () => {
    const pauses = new LossPauses();
    const lives = [60_000, 100, 100, 100, 100, 100, 100, 60_000, 9_999];
    expect(lives.map((life) => pauses.onLoss(life))).toEqual([
      0, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 0, 1_000,
    ]);
  });
});

describe('a refusal', () => {
  test('is final, unless time cures it', () => {
    const refusal = (status: number) => isNotYet(new ConnectError('refused', '', { status }));
    expect([500, 502, 503, 504, 429, 408].map(refusal)).toEqual(Array(6).fill(true));
    expect([400, 403, 404, 410, 426].map(refusal)).toEqual(Array(5).fill(false));
    expect(isNotYet(new TypeError('Failed to fetch'))).toBe(true);
    expect(isNotYet(new ConnectError('unreachable', 'no rung'))).toBe(false);
  });
});
