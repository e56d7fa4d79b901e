import { describe, expect, test } from 'vitest';
import { NETWORK_PROFILES, type OneWayProfile } from '../../../src/net/emulator/network-profile.ts';
import { PathModel } from '../../../src/net/emulator/path-model.ts';

const CALM: OneWayProfile = NETWORK_PROFILES.perfect.down;
const DATAGRAMS = 50_000;

function model(profile: Partial<OneWayProfile>, seed = 7, lossSeed = 8): PathModel {
  return new PathModel({ ...CALM, ...profile }, seed, lossSeed);
}

/** What becomes of datagrams sent each `interval` milliseconds: when each copy comes out. */
function send(one: PathModel, interval: number, count = DATAGRAMS): (readonly number[])[] {
  return Array.from({ length: count }, (_, index) => one.send(index * interval));
}

function lostShare(outcomes: readonly (readonly number[])[]): number {
  return outcomes.filter((copies) => copies.length === 0).length / outcomes.length;
}

/** Lengths of the runs in which all is lost, in datagrams; the last one may be cut. */
function lostRuns(outcomes: readonly (readonly number[])[]): number[] {
  const runs: number[] = [];
  let run = 0;
  for (const copies of outcomes) {
    if (copies.length === 0) {
      run += 1;
    } else if (run > 0) {
      runs.push(run);
      run = 0;
    }
  }
  return runs;
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Three standard deviations of a share that is measured on so many independent draws. */
function threeSigma(share: number, draws: number): number {
  return 3 * Math.sqrt((share * (1 - share)) / draws);
}

describe('a path that loses datagrams', () => {
  test.each([0.5, 5, 20])('each for itself, loses %f %%', (percent) => {
    const outcomes = send(model({ loss: { model: 'uniform', percent } }), 20);
    const share = percent / 100;
    expect(Math.abs(lostShare(outcomes) - share)).toBeLessThan(threeSigma(share, DATAGRAMS));
    // Runs of losses are as long as chance makes them.
    expect(mean(lostRuns(outcomes))).toBeCloseTo(1 / (1 - share), 1);
  });

  test('in bursts, loses as many in a row as it says', () => {
    const loss = { model: 'bursts', good_packets: 18, bad_packets: 2 } as const;
    const outcomes = send(model({ loss }), 20);
    const runs = lostRuns(outcomes);
    expect(mean(runs)).toBeGreaterThan(1.8);
    expect(mean(runs)).toBeLessThan(2.2);
    // A burst is one draw, not each of its datagrams.
    expect(Math.abs(lostShare(outcomes) - 0.1)).toBeLessThan(2 * threeSigma(0.1, DATAGRAMS / 2));
  });

  test.each([1, 20])('in fades, loses as long as it says, with one each %d ms', (interval) => {
    const loss = { model: 'fades', mean_ms: 60, faded_percent: 5 } as const;
    const count = 1_200_000 / interval;
    const outcomes = send(model({ loss }), interval, count);
    const fades = (count * interval * 0.05) / 60;
    expect(Math.abs(lostShare(outcomes) - 0.05) / 0.05).toBeLessThan(3 * Math.sqrt(2 / fades));
    if (interval === 1) {
      const length = mean(lostRuns(outcomes));
      expect(length).toBeGreaterThan(54);
      expect(length).toBeLessThan(66);
    }
  });

  test('in fades that last exponentially', () => {
    const loss = { model: 'fades', mean_ms: 60, faded_percent: 20 } as const;
    const outcomes = send(model({ loss }), 1, 1_200_000);
    expect(Math.abs(lostShare(outcomes) - 0.2)).toBeLessThan(0.02);
    const runs = lostRuns(outcomes);
    // A span's chance to outlast its mean, and twice and thrice that, is 1/e, 1/e² and 1/e³.
    for (const times of [1, 2, 3]) {
      const share = runs.filter((run) => run > 60 * times).length / runs.length;
      const expected = Math.exp(-times);
      expect(Math.abs(share - expected)).toBeLessThan(threeSigma(expected, runs.length) + 0.005);
    }
  });

  test('fades at the same moments however much is sent', () => {
    const loss = { model: 'fades', mean_ms: 60, faded_percent: 10 } as const;
    const often = send(model({ loss }), 1, 200_000);
    const rarely = send(model({ loss }, 99), 50, 4_000);
    const sampled = often.filter((_, now) => now % 50 === 0);
    expect(rarely.map(({ length }) => length)).toEqual(sampled.map(({ length }) => length));
  });

  test('fades in either direction for itself, unless both share their air', () => {
    const loss = { model: 'fades', mean_ms: 60, faded_percent: 10 } as const;
    const [up, down, other] = [
      model({ loss }, 1, 5),
      model({ loss }, 2, 5),
      model({ loss }, 2, 6),
    ].map((one) => send(one, 10, 20_000).map(({ length }) => length));
    expect(down).toEqual(up);
    expect(other).not.toEqual(up);
  });
});

describe('a path with gaps', () => {
  test('passes nothing in them, once or time and again', () => {
    const gaps = [
      { at_s: 2, for_ms: 500, every_s: 10 },
      { at_s: 5, for_ms: 100, every_s: null },
    ];
    const outcomes = send(model({ gaps }), 1, 30_000);
    const lost = outcomes.flatMap((copies, at) => (copies.length === 0 ? [at] : []));
    const expected = [2_000, 12_000, 22_000]
      .flatMap((start) => Array.from({ length: 500 }, (_, index) => start + index))
      .concat(Array.from({ length: 100 }, (_, index) => 5_000 + index))
      .sort((a, b) => a - b);
    expect(lost).toEqual(expected);
  });
});

describe('a path that delays', () => {
  test('adds its delay and an even jitter', () => {
    const jitter = { ms: 30, order: 'free', touched_percent: 100 } as const;
    const outcomes = send(model({ delay_ms: 50, jitter }), 20);
    const delays = outcomes.map(([at = 0], index) => at - 20 * index);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(50);
    expect(Math.min(...delays)).toBeLessThan(50.1);
    expect(Math.max(...delays)).toBeLessThanOrEqual(80);
    expect(Math.max(...delays)).toBeGreaterThan(79.9);
    expect(mean(delays)).toBeCloseTo(65, 0);
  });

  test('keeps the order where it must, and lets overtake where it may', () => {
    for (const order of ['kept', 'free'] as const) {
      const jitter = { ms: 100, order, touched_percent: 100 };
      const times = send(model({ jitter }), 10).map(([at = 0]) => at);
      const overtaken = times.filter((at, index) => at < (times[index - 1] ?? 0)).length;
      expect(overtaken > 0).toBe(order === 'free');
    }
  });

  test('touches as many as it says', () => {
    const jitter = { ms: 50, order: 'free', touched_percent: 4 } as const;
    const outcomes = send(model({ jitter }), 20);
    const touched = outcomes.filter(([at = 0], index) => at > 20 * index).length;
    expect(Math.abs(touched / DATAGRAMS - 0.04)).toBeLessThan(threeSigma(0.04, DATAGRAMS));
  });

  test('doubles as many as it says, each copy each with its own delay', () => {
    const jitter = { ms: 50, order: 'free', touched_percent: 100 } as const;
    const outcomes = send(model({ jitter, duplicate_percent: 25 }), 20);
    const doubled = outcomes.filter(({ length }) => length === 2);
    expect(Math.abs(doubled.length / DATAGRAMS - 0.25)).toBeLessThan(threeSigma(0.25, DATAGRAMS));
    const ahead = doubled.filter(([first = 0, second = 0]) => second < first).length;
    expect(Math.abs(ahead / doubled.length - 0.5)).toBeLessThan(0.03);
  });
});

describe('a path that changes over time', () => {
  test('takes each step when it comes and keeps what the step leaves out', () => {
    const schedule = [
      { at_s: 10, delay_ms: 80 },
      { at_s: 20, loss: { model: 'uniform', percent: 100 } },
      { at_s: 30, loss: { model: 'none' }, duplicate_percent: 100 },
    ] as const;
    const outcomes = send(model({ delay_ms: 20, schedule }), 1_000, 40);
    expect(outcomes.map((copies, index) => copies.map((at) => at - 1_000 * index))).toEqual([
      ...Array.from({ length: 10 }, () => [20]),
      ...Array.from({ length: 10 }, () => [80]),
      ...Array.from({ length: 10 }, () => []),
      ...Array.from({ length: 10 }, () => [80, 80]),
    ]);
  });
});

describe('what a transport repeats until it comes through', () => {
  test('waits for the end of a gap', () => {
    const one = model({ delay_ms: 20, gaps: [{ at_s: 1, for_ms: 3_000, every_s: null }] });
    expect([900, 1_000, 2_500, 4_000].map((now) => one.hold(now))).toEqual([
      920, 4_020, 4_020, 4_020,
    ]);
  });

  test('waits for the end of a fade', () => {
    const loss = { model: 'fades', mean_ms: 60, faded_percent: 10 } as const;
    const held = model({ loss });
    const outcomes = send(model({ loss }), 1, 100_000);
    const wrong = outcomes.filter((copies, now) => {
      const through = held.hold(now);
      const isThrough = (outcomes[Math.ceil(through)]?.length ?? 1) === 1;
      return through > now !== (copies.length === 0) || !isThrough;
    });
    expect(wrong).toEqual([]);
  });
});
