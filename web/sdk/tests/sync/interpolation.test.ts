import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/random.ts';
import { SnapshotClock } from '../../src/sync/clock.ts';
import { Timeline } from '../../src/sync/interpolation.ts';
import { InterpolationDelay } from '../../src/sync/interpolation-delay.ts';

const TICK = 1_000 / 60;
const INTERVAL = 50;

interface Weather {
  /** Mean datagrams between losses, and lost in a row. */
  readonly good: number;
  readonly bad: number;
  readonly jitter: number;
}

/** Plays snapshots over this weather for a minute; gives what a player would have seen. */
function play(weather: Weather) {
  const random = seededRandom(11);
  const clock = new SnapshotClock(TICK);
  const delay = new InterpolationDelay(INTERVAL);
  const timeline = new Timeline<number>(100 / TICK, 1_000 / TICK);
  const arrivals: { at: number; tick: number }[] = [];
  let isBad = false;
  for (let sentAt = 0; sentAt < 60_000; sentAt += INTERVAL) {
    isBad = random() < 1 / (isBad ? weather.bad : weather.good) ? !isBad : isBad;
    if (!isBad) {
      arrivals.push({
        at: sentAt + 40 + random() * weather.jitter,
        tick: Math.round(sentAt / TICK),
      });
    }
  }
  arrivals.sort((a, b) => a.at - b.at);
  const seen = { frames: 0, frozen: 0, extrapolated: 0, back: 0, delay: 0, error: 0 };
  let shown = Number.NEGATIVE_INFINITY;
  for (let now = 0; now < 60_000; now += 16) {
    while (arrivals[0] !== undefined && arrivals[0].at <= now) {
      const { at, tick } = arrivals.shift() ?? { at: 0, tick: 0 };
      const before = timeline.newestTick;
      const late = clock.onSnapshot(at, tick);
      if (before === undefined || tick > before) {
        timeline.push(tick, tick);
        delay.onSnapshot(late, before === undefined ? INTERVAL : (tick - before) * TICK);
      }
    }
    const placed = clock.isRunning
      ? timeline.at(clock.tickAt(now) - delay.at(now) / TICK)
      : undefined;
    if (placed !== undefined && now > 10_000) {
      const value = placed.from + (placed.to - placed.from) * placed.alpha;
      seen.frames += 1;
      seen.frozen += placed.isFrozen ? 1 : 0;
      seen.extrapolated += placed.isExtrapolated ? 1 : 0;
      seen.back += value < shown - 1e-6 ? 1 : 0;
      seen.error = Math.max(seen.error, Math.abs(value - placed.tick));
      shown = value;
    }
    seen.delay = delay.at(now);
  }
  return seen;
}

describe('the delay', () => {
  test('is short on a clean link', () => {
    const seen = play({ good: Number.POSITIVE_INFINITY, bad: 1, jitter: 4 });
    expect(seen.delay).toBeLessThan(60);
    expect(seen.extrapolated).toBe(0);
  });

  test('rides over single losses', () => {
    const seen = play({ good: 20, bad: 1, jitter: 10 });
    expect(seen.delay).toBeGreaterThan(100);
    expect(seen.delay).toBeLessThan(170);
    expect(seen.frozen).toBe(0);
    expect(seen.extrapolated / seen.frames).toBeLessThan(0.005);
  });

  test('rides over bursts of two, and knows its bounds', () => {
    const seen = play({ good: 20, bad: 2, jitter: 20 });
    expect(seen.delay).toBeGreaterThan(150);
    expect(seen.delay).toBeLessThanOrEqual(300);
    expect(seen.frozen / seen.frames).toBeLessThan(0.02);
  });

  test('moves smoothly, and shrinks again when the link is good', () => {
    const delay = new InterpolationDelay(INTERVAL);
    let now = 0;
    const feed = (gap: number, late: number, count: number) => {
      for (let i = 0; i < count; i += 1) {
        const before = delay.at(now);
        delay.onSnapshot(late, gap);
        now += gap;
        expect(Math.abs(delay.at(now) - before)).toBeLessThanOrEqual(0.1 * gap + 1e-9);
      }
    };
    feed(150, 80, 100);
    expect(delay.at(now)).toBeGreaterThan(200);
    feed(50, 2, 600);
    expect(delay.at(now)).toBeLessThan(60);
  });
});

describe('what is shown', () => {
  test('never goes back, and is the truth between two snapshots', () => {
    for (const jitter of [0, 30, 120]) {
      const seen = play({ good: 20, bad: 2, jitter });
      expect(seen.back).toBe(0);
      expect(seen.error).toBeLessThan(1e-6);
    }
  });

  test('goes on for 100 ms beyond the newest, then stands', () => {
    const timeline = new Timeline<string>(6, 60);
    timeline.push(0, 'a');
    timeline.push(3, 'b');
    expect(timeline.at(6)).toMatchObject({ from: 'a', to: 'b', alpha: 2, isExtrapolated: true });
    expect(timeline.at(9)).toMatchObject({ tick: 9, isFrozen: false });
    expect(timeline.at(30)).toMatchObject({ tick: 9, alpha: 3, isFrozen: true });
  });

  test('is not interpolated over a long gap', () => {
    const timeline = new Timeline<string>(6, 60);
    timeline.push(0, 'a');
    timeline.push(200, 'b');
    expect(timeline.at(100)).toMatchObject({ from: 'b', to: 'b', fromTick: 200 });
  });

  test('may go back once after a pause', () => {
    const timeline = new Timeline<string>(6, 60);
    timeline.push(0, 'a');
    timeline.push(30, 'b');
    timeline.at(30);
    expect(timeline.at(10)?.tick).toBe(30);
    timeline.restart();
    expect(timeline.at(10)?.tick).toBe(10);
  });
});
