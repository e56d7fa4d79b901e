import { describe, expect, test } from 'vitest';
import type { PredictionRule } from '../../src/adapter.ts';
import { seededRandom } from '../../src/random.ts';
import { InputClock } from '../../src/sync/input-clock.ts';
import { InputHistory } from '../../src/sync/input-history.ts';
import { Predictor } from '../../src/sync/prediction.ts';

interface Own {
  readonly x: number;
}

const rule: PredictionRule<{ own?: Own }, number, Own> = {
  own: (view) => view.own,
  step: (own, input) => ({ x: own.x + input }),
  position: (own) => ({ x: own.x, y: 0 }),
  snapDistance: 1_000,
};

function predictor(unitsPerPixel = 1) {
  const history = new InputHistory<number>();
  const figure = new Predictor({ ...rule, unitsPerPixel }, history);
  const step = (tick: number, input: number) => {
    history.push(tick, input);
    figure.step(tick);
  };
  return { history, figure, step };
}

describe('the own figure', () => {
  test('moves at once with its input', () => {
    const { figure, step } = predictor();
    step(10, 0);
    figure.reconcile({ own: { x: 100 } }, 10);
    step(11, 5);
    step(12, 5);
    expect(figure.at(0, 12, 5)?.x).toBe(110);
    expect(figure.at(0, 13, 5)?.x).toBe(115);
    expect(figure.at(0, 12.5, 5)?.x).toBe(112.5);
  });

  test('moves by its input within the tick that has begun, and goes on from there', () => {
    const { figure, step } = predictor();
    step(10, 0);
    figure.reconcile({ own: { x: 100 } }, 10);
    expect(figure.at(0, 10.5, 0)?.x).toBe(100);
    expect(figure.at(0, 10.5, 8)?.x).toBe(104);
    step(11, 8);
    expect(figure.at(0, 11, 8)?.x).toBe(108);
  });

  test('is not corrected when the server agrees', () => {
    const { figure, step } = predictor();
    const random = seededRandom(1);
    const truth = new Map<number, number>([[0, 0]]);
    figure.reconcile({ own: { x: 0 } }, 0);
    for (let tick = 1; tick < 300; tick += 1) {
      const input = Math.floor(random() * 10) - 5;
      truth.set(tick, (truth.get(tick - 1) ?? 0) + input);
      step(tick, input);
      if (tick % 3 === 0 && tick > 12) {
        expect(figure.reconcile({ own: { x: truth.get(tick - 12) ?? 0 } }, tick - 12)).toBe(0);
      }
    }
  });

  test('is put right by a snapshot, and the error smoothed away within about 100 ms', () => {
    const { figure, step } = predictor();
    figure.reconcile({ own: { x: 0 } }, 0);
    for (let tick = 1; tick <= 12; tick += 1) {
      step(tick, 10);
    }
    expect(figure.at(0, 12, 10)?.x).toBe(120);
    expect(figure.reconcile({ own: { x: 0 } }, 3)).toBe(30);
    expect(figure.at(0, 12, 10)?.x).toBe(120);
    const after = figure.at(50, 12, 10)?.x ?? 0;
    expect(after).toBeGreaterThan(90);
    expect(after).toBeLessThan(110);
    expect(figure.at(150, 12, 10)?.x).toBeLessThan(91);
  });

  test('jumps where it was put elsewhere', () => {
    const { figure, step } = predictor();
    figure.reconcile({ own: { x: 0 } }, 0);
    step(1, 10);
    expect(figure.reconcile({ own: { x: 5_000 } }, 1)).toBe(4_990);
    expect(figure.at(0, 1, 0)?.x).toBe(5_000);
  });

  test('is corrected by pixels, whatever the unit it is placed in', () => {
    const { figure, step } = predictor(256);
    figure.reconcile({ own: { x: 0 } }, 0);
    step(1, 0);
    expect(figure.reconcile({ own: { x: 2_560 } }, 1)).toBe(10);
    expect(figure.at(0, 1, 0)?.x).toBe(0);
    expect(figure.reconcile({ own: { x: 1_000 * 256 } }, 1)).toBe(990);
    expect(figure.at(0, 1, 0)?.x).toBeLessThan(256_000);
    expect(figure.reconcile({ own: { x: 0 } }, 1)).toBe(1_000);
    expect(figure.at(0, 1, 0)?.x).toBe(0);
  });

  test('releases what was pressed once where an input is missing', () => {
    const history = new InputHistory<number>();
    const figure = new Predictor(rule, history, () => 1);
    history.push(10, 50);
    figure.reconcile({ own: { x: 0 } }, 8);
    expect(figure.at(0, 10, 0)?.x).toBe(1 + 50);
  });

  test('is gone while the player has none', () => {
    const { figure, step } = predictor();
    figure.reconcile({ own: { x: 0 } }, 0);
    step(1, 10);
    expect(figure.reconcile({}, 1)).toBeUndefined();
    expect(figure.at(0, 1, 0)).toBeUndefined();
  });
});

describe('the input clock', () => {
  const TICK = 1_000 / 60;

  /** Inputs each two ticks over this path; gives the leads of the last ten seconds. */
  function run(oneWay: (now: number) => number, seconds: number): number[] {
    const clock = new InputClock(TICK);
    const arrived: { at: number; tick: number }[] = [];
    const reports: { at: number; lead: number }[] = [];
    const leads: number[] = [];
    let sentTick = 0;
    let lastAhead = Number.NaN;
    for (let now = 0; now < seconds * 1_000; now += TICK) {
      const received = (now - oneWay(0)) / TICK;
      const ahead = clock.aheadAt(now);
      // The first guess is put right at once; from then on the clock runs evenly.
      if (now > 2_000) {
        expect(Math.abs(ahead - lastAhead)).toBeLessThan(0.6);
      }
      lastAhead = ahead;
      const tick = Math.floor(received + ahead);
      if (tick >= sentTick + 2) {
        sentTick = tick;
        arrived.push({ at: now + oneWay(now), tick });
      }
      if (Math.round(now / TICK) % 3 === 0) {
        const newest = arrived.filter(({ at }) => at <= now).at(-1)?.tick ?? 0;
        const lead = Math.max(-128, Math.min(127, newest - Math.round(now / TICK)));
        reports.push({ at: now + oneWay(now), lead });
        if (now > (seconds - 10) * 1_000) {
          leads.push(lead);
        }
      }
      while (reports[0] !== undefined && reports[0].at <= now) {
        const isKnown = now > 3 * oneWay(now);
        clock.onReport(now, reports.shift()?.lead ?? 0, isKnown ? 2 * oneWay(now) : undefined);
      }
    }
    return leads;
  }

  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

  test.each([20, 60, 150, 300])('settles two ticks ahead at %d ms one way', (delay) => {
    const leads = run(() => delay, 30);
    expect(mean(leads)).toBeGreaterThan(1.2);
    expect(mean(leads)).toBeLessThan(3.5);
    expect(Math.min(...leads)).toBeGreaterThanOrEqual(0);
  });

  test('gives jittered inputs more time, so that nearly all are there', () => {
    const random = seededRandom(5);
    const leads = run(() => 50 + random() * 40, 40);
    expect(leads.filter((lead) => lead < 0).length / leads.length).toBeLessThan(0.05);
    expect(mean(leads)).toBeLessThan(6);
  });

  test('that is far behind steps at once, one that is a little off slews', () => {
    const clock = new InputClock(TICK);
    clock.onReport(0, 0, 100);
    clock.aheadAt(0);
    const before = clock.aheadAt(300);
    for (let now = 300; now < 600; now += 50) {
      clock.onReport(now, -30, 100);
    }
    const leapt = clock.aheadAt(300 + TICK);
    expect(leapt - before).toBeGreaterThan(31);
    for (let now = 1_000; now < 1_300; now += 50) {
      clock.onReport(now, -4, 100);
    }
    expect(clock.aheadAt(300 + 2 * TICK) - leapt).toBeLessThan(0.51);
    expect(clock.aheadAt(2_000) - leapt).toBeGreaterThan(5);
  });

  test('heeds no report of a time in which the page stood still', () => {
    const clock = new InputClock(TICK);
    clock.onReport(0, 0, 100);
    clock.aheadAt(0);
    const before = clock.aheadAt(1_000);
    clock.disregard(1_000, 100);
    for (let now = 1_000; now < 1_190; now += 10) {
      clock.onReport(now, -30, 100);
    }
    expect(clock.aheadAt(1_300)).toBeCloseTo(before, 5);
  });

  test('follows a path that becomes longer', () => {
    const leads = run((now) => (now < 20_000 ? 30 : 110), 45);
    expect(mean(leads)).toBeGreaterThan(0.5);
    expect(mean(leads)).toBeLessThan(5);
  });
});
