import type { Stats } from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import { pretendStats, scenario } from '../src/gallery/scenarios.ts';
import { COLUMNS, LinkHistory } from '../src/hud/link-history.ts';
import { topFor } from '../src/hud/net-plot.ts';

const BASE = pretendStats(scenario('playing'), () => 0.5, 1_200);

/** A link that brings a snapshot at each tenth of a second, and what is made of it. */
class Watched {
  readonly history = new LinkHistory();
  now = 50;
  private stats: Stats = {
    ...BASE,
    tick: 3,
    snapshots: 1,
    recentAges: [60],
    starvedFraction: 0,
    sequences: { first: 1, newest: 1, received: 1 },
  };

  constructor() {
    this.history.update(this.stats, this.now);
  }

  /** Time goes on by `ms`, and the statistics change. */
  pass(ms: number, change: Partial<Stats> = {}): this {
    this.now += ms;
    this.stats = { ...this.stats, ...change };
    this.history.update(this.stats, this.now);
    return this;
  }

  snapshot(age: number, change: Partial<Stats> = {}): this {
    const { tick, snapshots, recentAges } = this.stats;
    const ages = [...recentAges, age].slice(-120);
    const news = { tick: tick + 3, snapshots: snapshots + 1, recentAges: ages };
    return this.pass(100, { ...news, ...change });
  }

  newest<Key extends 'age' | 'lost' | 'isStarved' | 'isAway'>(key: Key, count: number): unknown[] {
    return this.history.columns.slice(-count).map((column) => column[key]);
  }
}

describe('the link’s last twenty seconds', () => {
  test('are ages by tenths of a second, the newest last', () => {
    const link = new Watched().snapshot(61).snapshot(140).snapshot(62);
    expect(link.history.columns).toHaveLength(COLUMNS);
    expect(link.newest('age', 5)).toEqual([0, 60, 61, 140, 62]);
  });

  test('carry the last age on where none came, but not for long', () => {
    const link = new Watched().snapshot(140).pass(100).pass(100);
    expect(link.newest('age', 4)).toEqual([60, 140, 140, 140]);
    expect(link.pass(100).pass(200).newest('age', 6)).toEqual([140, 140, 140, 140, 0, 0]);
  });

  test('fill the columns that a slow page skipped', () => {
    const link = new Watched().snapshot(61).pass(300, { recentAges: [60, 61, 99], tick: 9 });
    expect(link.newest('age', 5)).toEqual([60, 61, 99, 99, 99]);
  });

  test('mark where the game starved, for as long as it did', () => {
    const link = new Watched();
    for (let count = 0; count < 10; count += 1) {
      link.snapshot(60);
    }
    // A gap of 350 ms: 200 of them are starved.
    link.pass(100).pass(100, { starvedFraction: 50 / 1_200 });
    link.pass(100, { starvedFraction: 150 / 1_300 }).pass(50, { starvedFraction: 200 / 1_350 });
    link.pass(50, { starvedFraction: 200 / 1_400, tick: 90 });
    link.pass(100, { starvedFraction: 200 / 1_500, tick: 96 });
    expect(link.newest('isStarved', 6)).toEqual([false, false, true, true, true, false]);
  });

  test('take it back when it was the page that stood still', () => {
    const link = new Watched();
    for (let count = 0; count < 10; count += 1) {
      link.snapshot(60);
    }
    link.pass(200, { starvedFraction: 50 / 1_200 });
    expect(link.newest('isStarved', 2)).toEqual([false, true]);
    link.pass(100, { starvedFraction: 0, standstill: 200 });
    expect(link.newest('isStarved', 9)).not.toContain(true);
  });

  test('mark what never came, and take it back when it was only late', () => {
    const link = new Watched().snapshot(60);
    link.snapshot(60, { sequences: { first: 1, newest: 5, received: 3 } });
    expect(link.newest('lost', 2)).toEqual([0, 2]);
    link.snapshot(60, { sequences: { first: 1, newest: 6, received: 5 } });
    expect(link.newest('lost', 3)).toEqual([0, 1, 0]);
  });

  test('say for how long nothing has come, the page’s own pauses left out', () => {
    const link = new Watched().snapshot(60);
    expect(link.history.silence(link.now)).toBe(0);
    link.pass(100).pass(300);
    expect(link.history.silence(link.now)).toBe(400);
    link.pass(500, { standstill: 500 });
    expect(link.history.silence(link.now)).toBe(400);
  });

  test('blame nobody for the time in which the page was hidden', () => {
    const link = new Watched().snapshot(60).pass(5_000);
    expect(link.history.silence(link.now)).toBe(0);
    expect(link.newest('isAway', 51)).toEqual([false, ...Array(50).fill(true)]);
    expect(link.newest('isStarved', 51)).not.toContain(true);
    link.pass(3_600_000);
    expect(link.newest('isAway', COLUMNS)).not.toContain(false);
  });
});

describe('the plot’s scale', () => {
  test('holds all ages but the hopeless, and seldom changes', () => {
    const link = new Watched();
    expect(topFor(link.snapshot(70).history.columns)).toBe(200);
    expect(topFor(link.snapshot(130).history.columns)).toBe(200);
    expect(topFor(link.snapshot(201).history.columns)).toBe(400);
    expect(topFor(link.snapshot(9_000).history.columns)).toBe(1_600);
  });
});
