import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/random.ts';
import { type Row, TwoEnds, type Way } from '../support/two-ends.ts';

/** Share of the rows that were lost. */
function lostShare(rows: readonly Row[]): number {
  return rows.filter(({ delay }) => delay === undefined).length / rows.length;
}

function delays(rows: readonly Row[]): number[] {
  return rows.flatMap(({ delay }) => (delay === undefined ? [] : [delay]));
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function within(rows: readonly Row[], from: number, to: number): Row[] {
  return rows.filter(({ at }) => at >= from && at < to);
}

describe('a recording', () => {
  test('has a row for each datagram that was sent, in order of time', () => {
    const ends = new TwoEnds().run(65);
    const rows = ends.rows();
    expect(within(ends.rows('down'), 5_000, 55_000)).toHaveLength(50_000 / 50);
    expect(within(ends.rows('up'), 5_000, 55_000).length).toBeCloseTo(50_000 / 33, -1);
    expect(rows.map(({ at }) => at)).toEqual(rows.map(({ at }) => at).sort((a, b) => a - b));
    expect(rows[0]?.at).toBe(0);
  });

  test('is empty before there is anything to tell', () => {
    expect(new TwoEnds().recorder.csv(0)).toBe('at_ms,direction,delay_ms\n');
    expect(new TwoEnds().run(3).rows()).toEqual([]);
  });

  test('tells the delay of each way, as far as both are alike at their best', () => {
    const random = seededRandom(3);
    const ends = new TwoEnds();
    ends.down = () => Math.round(30 + 40 * random());
    ends.up = () => Math.round(30 + 5 * random());
    ends.run(60);
    const down = delays(within(ends.rows('down'), 10_000, 50_000));
    const up = delays(within(ends.rows('up'), 10_000, 50_000));
    expect(Math.min(...down)).toBeGreaterThan(27);
    expect(Math.max(...down)).toBeGreaterThan(65);
    expect(Math.max(...down)).toBeLessThan(74);
    expect(mean(down)).toBeCloseTo(50, -0.6);
    expect(mean(up)).toBeCloseTo(32, -0.6);
  });

  test('follows a path that gets slower for good', () => {
    const ends = new TwoEnds();
    const way: Way = (at) => (at < 30_000 ? 20 : 90);
    [ends.down, ends.up] = [way, way];
    ends.run(80);
    for (const direction of ['down', 'up'] as const) {
      expect(mean(delays(within(ends.rows(direction), 5_000, 29_000)))).toBeCloseTo(20, 0);
      expect(mean(delays(within(ends.rows(direction), 31_000, 70_000)))).toBeCloseTo(90, -0.6);
    }
  });

  test('tells a slow way from a fast one when only one gets slower', () => {
    const ends = new TwoEnds();
    ends.up = (at) => (at > 20_000 && at < 26_000 ? 150 : 20);
    ends.run(40);
    expect(mean(delays(within(ends.rows('up'), 21_000, 25_000)))).toBeCloseTo(150, -0.6);
    expect(Math.max(...delays(ends.rows('down')))).toBeLessThan(25);
  });

  test('has as many lost rows as datagrams were lost, each in its place', () => {
    const random = seededRandom(4);
    const lost = { down: new Set<number>(), up: new Set<number>() };
    const lossy =
      (gone: Set<number>, share: number): Way =>
      (at) => {
        if (at > 1_000 && random() < share) {
          gone.add(at);
          return undefined;
        }
        return 20;
      };
    const ends = new TwoEnds();
    ends.down = lossy(lost.down, 0.1);
    ends.up = lossy(lost.up, 0.04);
    ends.run(200);
    for (const direction of ['down', 'up'] as const) {
      const rows = ends.rows(direction).filter(({ delay }) => delay === undefined);
      const start = (rows[0]?.at ?? 0) - (Math.min(...lost[direction]) ?? 0);
      expect(rows.length).toBeGreaterThan(190 * (direction === 'down' ? 20 * 0.09 : 30 * 0.03));
      expect(rows.map(({ at }) => at - start)).toEqual([...lost[direction]].slice(0, rows.length));
    }
  });

  test('counts a datagram that comes after all as late, not as lost', () => {
    const ends = new TwoEnds();
    ends.down = (at) => (at === 10_000 ? 2_000 : 20);
    ends.run(30);
    const held = ends.rows('down').find(({ at }) => Math.abs(at - 10_000) < 25);
    expect(held?.delay).toBeCloseTo(2_000, -1);
    expect(lostShare(ends.rows('down'))).toBe(0);
  });

  test('takes the first of several copies', () => {
    const ends = new TwoEnds();
    ends.repeatAfter = 22;
    ends.run(60);
    expect(within(ends.rows('down'), 5_000, 50_000)).toHaveLength(45_000 / 50);
    expect(Math.max(...delays(ends.rows()))).toBeLessThan(25);
  });

  test('shows a span in which nothing passes, both ways, as lost', () => {
    const ends = new TwoEnds();
    const way: Way = (at) => (at >= 20_000 && at < 23_000 ? undefined : 20);
    [ends.down, ends.up] = [way, way];
    ends.run(60);
    for (const direction of ['down', 'up'] as const) {
      const rows = ends.rows(direction);
      expect(lostShare(within(rows, 20_050, 22_950))).toBe(1);
      expect(lostShare(within(rows, 0, 19_950))).toBe(0);
      expect(lostShare(within(rows, 23_050, 50_000))).toBe(0);
    }
  });

  test('does not blame the way up for acknowledgements that were lost', () => {
    const ends = new TwoEnds();
    ends.down = (at) => (at >= 20_000 && at < 24_000 ? undefined : 20);
    ends.run(60);
    expect(lostShare(ends.rows('up'))).toBe(0);
    expect(lostShare(within(ends.rows('down'), 20_000, 24_000))).toBe(1);
  });

  test('shows a time without any link as lost, though the server counts nothing', () => {
    const ends = new TwoEnds().run(20);
    ends.hasLink = false;
    ends.run(3);
    ends.hasLink = true;
    ends.run(20);
    const rows = within(ends.rows('down'), 19_990, 22_940);
    expect(rows).toHaveLength(59);
    expect(lostShare(rows)).toBe(1);
  });

  test('ends with a silence that lasts', () => {
    const ends = new TwoEnds().run(20);
    ends.down = () => undefined;
    ends.up = () => undefined;
    ends.run(4);
    for (const direction of ['down', 'up'] as const) {
      const rows = ends.rows(direction);
      expect(lostShare(within(rows, 0, 19_900))).toBe(0);
      expect(lostShare(within(rows, 20_000, 24_000))).toBe(1);
      expect(rows.at(-1)?.at).toBeGreaterThan(23_900);
    }
  });

  test('takes no standstill of the page for a slow or lossy path', () => {
    const ends = new TwoEnds().run(20);
    // What waited comes in at once, and the browser has dropped the oldest of it.
    const stood = ends.now + 4_000;
    const held: Way = (at) => (at < stood - 1_000 ? undefined : Math.max(20, stood - at));
    ends.down = held;
    ends.isBusy = true;
    ends.run(4);
    ends.isBusy = false;
    ends.waited = Number.POSITIVE_INFINITY;
    ends.run(0.05);
    ends.waited = 0;
    ends.run(20);
    for (const direction of ['down', 'up'] as const) {
      expect(Math.min(...delays(ends.rows(direction)))).toBeGreaterThan(15);
      expect(Math.max(...delays(ends.rows(direction)))).toBeLessThan(25);
      expect(lostShare(ends.rows(direction))).toBe(0);
    }
  });

  test('leaves out the time in which it is paused', () => {
    const ends = new TwoEnds().run(20);
    ends.recorder.pause(ends.now);
    ends.run(60);
    ends.recorder.resume(ends.now);
    ends.run(20);
    const rows = ends.rows('down');
    expect(lostShare(rows)).toBe(0);
    expect(rows.at(-1)?.at).toBeLessThan(40_000);
    expect(rows.at(-1)?.at).toBeGreaterThan(30_000);
  });

  test('reaches back ten minutes', () => {
    const ends = new TwoEnds().run(700);
    const rows = ends.rows();
    expect((rows.at(-1)?.at ?? 0) - (rows[0]?.at ?? 0)).toBeCloseTo(600_000, -2);
    expect(rows.length).toBeGreaterThan(30_000);
  });

  test('holds no delay below nothing', () => {
    const random = seededRandom(5);
    const ends = new TwoEnds();
    ends.down = () => Math.round(400 * random());
    ends.up = () => Math.round(200 * random());
    ends.run(60);
    expect(Math.min(...delays(ends.rows()))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays(ends.rows('down')))).toBeLessThan(420);
  });
});
