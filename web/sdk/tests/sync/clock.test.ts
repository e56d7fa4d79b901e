import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/random.ts';
import { SnapshotClock } from '../../src/sync/clock.ts';

const TICK = 1_000 / 60;

/** Runs a clock over snapshots each 50 ms with these delays; `look` is called each 10 ms. */
function run(
  clock: SnapshotClock,
  from: number,
  until: number,
  delay: (sentAt: number) => number | undefined,
  look: (now: number) => void = () => undefined,
): void {
  const arrivals: { at: number; tick: number }[] = [];
  for (let sentAt = from; sentAt < until; sentAt += 50) {
    const late = delay(sentAt);
    if (late !== undefined) {
      arrivals.push({ at: sentAt + late, tick: sentAt / TICK });
    }
  }
  arrivals.sort((a, b) => a.at - b.at);
  for (let now = from; now < until; now += 10) {
    while (arrivals[0] !== undefined && arrivals[0].at <= now) {
      const { at, tick } = arrivals.shift() ?? { at: 0, tick: 0 };
      clock.onSnapshot(at, tick);
    }
    if (clock.isRunning) {
      look(now);
    }
  }
}

test('it tells the tick that the fastest path brings, whatever the jitter', () => {
  const random = seededRandom(3);
  const clock = new SnapshotClock(TICK);
  run(clock, 0, 10_000, () => (random() < 0.1 ? undefined : 50 + random() * 80));
  expect(clock.tickAt(10_000)).toBeCloseTo((10_000 - 50) / TICK, 0);
});

test('a change of the path is slewed: time never stands, goes back or runs off', () => {
  const clock = new SnapshotClock(TICK);
  let last = Number.NaN;
  let lastAt = 0;
  const look = (now: number) => {
    const tick = clock.tickAt(now);
    if (!Number.isNaN(last)) {
      const speed = ((tick - last) * TICK) / (now - lastAt);
      expect(speed).toBeGreaterThan(0.74);
      expect(speed).toBeLessThan(1.26);
    }
    last = tick;
    lastAt = now;
  };
  run(clock, 0, 20_000, (sentAt) => (sentAt < 5_000 ? 300 : 40), look);
  expect(clock.tickAt(20_000)).toBeCloseTo((20_000 - 40) / TICK, 0);
  run(clock, 20_000, 50_000, () => 120, look);
  expect(clock.tickAt(50_000)).toBeCloseTo((50_000 - 120) / TICK, 0);
});

test('after a pause it steps to now at the first snapshot', () => {
  const clock = new SnapshotClock(TICK);
  run(clock, 0, 3_000, () => 40);
  clock.restart();
  expect(clock.isRunning).toBe(false);
  clock.onSnapshot(63_090, 60_000 / TICK);
  expect(clock.tickAt(63_090)).toBeCloseTo(60_000 / TICK, 5);
});

test('lateness is told over the fastest', () => {
  const clock = new SnapshotClock(10);
  expect(clock.onSnapshot(100, 5)).toBe(0);
  expect(clock.onSnapshot(180, 10)).toBe(30);
  expect(clock.onSnapshot(190, 15)).toBe(0);
  expect(clock.arrivalOf(20)).toBe(240);
});

describe('a server that falls behind and gives the lost time up', () => {
  /** Snapshots each 50 ms; from one second on the server's ticks are 130 ms late for ever. */
  function lateness(pathSlack: number): number[] {
    const clock = new SnapshotClock(10);
    const late: number[] = [];
    for (let tick = 0; tick < 400; tick += 5) {
      late.push(clock.onSnapshot(tick * 10 + (tick < 100 ? 40 : 170), tick, pathSlack));
    }
    return late;
  }

  test('is believed within a second where the path is as fast as ever', () => {
    const late = lateness(4);
    expect(late[20]).toBe(130);
    expect(late.slice(35)).toEqual(late.slice(35).map(() => 0));
  });

  test('is not taken for one where the path has become slower', () => {
    expect(lateness(130).slice(20)).toEqual(
      lateness(130)
        .slice(20)
        .map(() => 130),
    );
  });
});
