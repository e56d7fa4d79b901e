import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/random.ts';
import { SnapshotClock } from '../../src/sync/clock.ts';
import { Timeline } from '../../src/sync/interpolation.ts';
import { InterpolationDelay } from '../../src/sync/interpolation-delay.ts';

const TICK = 1_000 / 60;
const INTERVAL = 50;

interface PathQuality {
  /** Mean datagrams between losses, and lost in a row. */
  readonly good?: number;
  readonly bad?: number;
  /** Share that is lost, each by a throw of its own. */
  readonly loss?: number;
  readonly jitter: number;
  /** Which ticks bring a snapshot; each third, when absent. */
  readonly sends?: (tick: number) => boolean;
}

/** As the server sends while the path is bad: two of every three ticks. */
const unevenly = (tick: number) => tick % 3 !== 0;

/** Plays snapshots over this path; gives what a player would have seen from `from` on. */
function play(quality: PathQuality, seconds = 60, seed = 11, from = 10_000) {
  const { good = Number.POSITIVE_INFINITY, bad = 1, loss = 0 } = quality;
  const random = seededRandom(seed);
  const clock = new SnapshotClock(TICK);
  const delay = new InterpolationDelay(INTERVAL);
  const timeline = new Timeline<number>(0, 100 / TICK, 1_000 / TICK);
  const sends = quality.sends ?? ((tick: number) => tick % 3 === 0);
  const arrivals: { at: number; tick: number; sequence: number }[] = [];
  let sequence = 0;
  let shownSequence = 0;
  let isBad = false;
  for (let tick = 0; tick * TICK < seconds * 1_000; tick += 1) {
    if (sends(tick)) {
      sequence += 1;
      isBad = random() < 1 / (isBad ? bad : good) ? !isBad : isBad;
      if (!isBad && random() >= loss) {
        arrivals.push({ at: tick * TICK + 40 + random() * quality.jitter, tick, sequence });
      }
    }
  }
  arrivals.sort((a, b) => a.at - b.at);
  const seen = { frames: 0, frozen: 0, extrapolated: 0, back: 0, delay: 0, error: 0 };
  let next = 0;
  let shown = Number.NEGATIVE_INFINITY;
  for (let now = 0; now < seconds * 1_000; now += 16) {
    for (; (arrivals[next]?.at ?? Number.POSITIVE_INFINITY) <= now; next += 1) {
      const { at, tick, sequence } = arrivals[next] ?? { at: 0, tick: 0, sequence: 0 };
      const before = timeline.newestTick;
      const late = clock.onSnapshot(at, tick);
      if (before === undefined || tick > before) {
        timeline.push(tick, tick);
        const missed = before === undefined ? 0 : sequence - shownSequence - 1;
        const gap = before === undefined ? INTERVAL : (tick - before) * TICK;
        delay.onSnapshot(at, late, gap, missed);
        shownSequence = sequence;
      }
    }
    const placed = clock.isRunning
      ? timeline.at(clock.tickAt(now) - delay.at(now) / TICK)
      : undefined;
    if (placed !== undefined && now > from) {
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
    const seen = play({ jitter: 4 });
    expect(seen.delay).toBeLessThan(60);
    expect(seen.extrapolated).toBe(0);
  });

  test('lets at most 0.1 % of the frames be extrapolated at 5 % loss', () => {
    const seen = play({ loss: 0.05, jitter: 10 }, 1_200);
    expect(seen.extrapolated / seen.frames).toBeLessThanOrEqual(0.001);
    expect(seen.delay).toBeLessThanOrEqual(220);
  });

  test('lets at most 1 % of them be extrapolated at 10 % loss in bursts of 3', () => {
    const seen = play({ good: 27, bad: 3, jitter: 10 }, 1_200);
    expect(seen.extrapolated / seen.frames).toBeLessThanOrEqual(0.01);
    expect(seen.delay).toBeLessThanOrEqual(350);
  });

  test('does so from the first seconds on, before the path has shown its worst', () => {
    const total = { frames: 0, extrapolated: 0, delay: 0 };
    for (let seed = 1; seed <= 100; seed += 1) {
      const seen = play({ loss: 0.05, jitter: 10 }, 22, seed, 2_000);
      total.frames += seen.frames;
      total.extrapolated += seen.extrapolated;
      total.delay += seen.delay / 100;
    }
    expect(total.extrapolated / total.frames).toBeLessThanOrEqual(0.001);
    expect(total.delay).toBeLessThan(170);
  });

  test('forgets a single loss within forty seconds', () => {
    const delay = new InterpolationDelay(INTERVAL);
    let now = 0;
    const feed = (missed: number, count: number) => {
      for (let i = 0; i < count; i += 1) {
        const gap = INTERVAL * (1 + missed);
        now += gap;
        delay.onSnapshot(now, 2, gap, missed);
        delay.at(now);
      }
      return delay.at(now);
    };
    expect(feed(0, 400)).toBeLessThan(60);
    feed(1, 1);
    expect(feed(0, 20)).toBeLessThan(110);
    expect(feed(0, 780)).toBeLessThan(60);
  });

  test('is shorter where snapshots come more often, however unevenly', () => {
    const often = play({ loss: 0.05, jitter: 10, sends: unevenly }, 1_200);
    expect(often.extrapolated / often.frames).toBeLessThanOrEqual(0.001);
    expect(often.delay).toBeLessThan(140);
    const bursts = play({ good: 27, bad: 3, jitter: 10, sends: unevenly }, 1_200);
    expect(bursts.extrapolated / bursts.frames).toBeLessThanOrEqual(0.002);
  });

  test('is not widened by what happens once', () => {
    const delay = new InterpolationDelay(INTERVAL);
    let now = 0;
    const feed = (gap: number, late: number, count: number) => {
      for (let i = 0; i < count; i += 1) {
        now += gap;
        delay.onSnapshot(now, late, gap);
        delay.at(now);
      }
    };
    feed(50, 4, 100);
    feed(50, 300, 1);
    feed(50, 4, 100);
    expect(delay.at(now)).toBeLessThan(60);
    feed(50, 300, 1);
    feed(50, 4, 100);
    expect(delay.at(now)).toBeGreaterThan(200);
  });

  test('moves smoothly, and shrinks again within a minute and a half when the link is good', () => {
    const delay = new InterpolationDelay(INTERVAL);
    let now = 0;
    const feed = (gap: number, late: number, count: number) => {
      for (let i = 0; i < count; i += 1) {
        const before = delay.at(now);
        delay.onSnapshot(now, late, gap);
        now += gap;
        expect(Math.abs(delay.at(now) - before)).toBeLessThanOrEqual(0.1 * gap + 1e-9);
      }
    };
    feed(150, 80, 100);
    expect(delay.at(now)).toBeGreaterThan(200);
    feed(50, 2, 1_800);
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
    const timeline = new Timeline<string>(0, 6, 60);
    timeline.push(0, 'a');
    timeline.push(3, 'b');
    expect(timeline.at(6)).toMatchObject({ from: 'a', to: 'b', alpha: 2, isExtrapolated: true });
    expect(timeline.at(9)).toMatchObject({ tick: 9, isFrozen: false });
    expect(timeline.at(30)).toMatchObject({ tick: 9, alpha: 3, isFrozen: true });
  });

  test('counts as extrapolated only beyond what the game foresees', () => {
    const timeline = new Timeline<string>(3, 6, 60);
    timeline.push(0, 'a');
    timeline.push(3, 'b');
    expect(timeline.at(6)).toMatchObject({ alpha: 2, isExtrapolated: false });
    expect(timeline.at(7)).toMatchObject({ isExtrapolated: true, isFrozen: false });
    expect(timeline.at(30)).toMatchObject({ tick: 12, isFrozen: true });
  });

  test('goes on as it went over the time that is foreseen, not as two views in quick succession tell', () => {
    const timeline = new Timeline<string>(3, 6, 60);
    for (const [tick, view] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      timeline.push(tick, view);
    }
    expect(timeline.at(3.5)).toMatchObject({ from: 'd', to: 'e' });
    expect(timeline.at(5)).toMatchObject({ from: 'b', to: 'e', fromTick: 1, toTick: 4 });
  });

  test('is not interpolated over a long gap', () => {
    const timeline = new Timeline<string>(0, 6, 60);
    timeline.push(0, 'a');
    timeline.push(200, 'b');
    expect(timeline.at(100)).toMatchObject({ from: 'b', to: 'b', fromTick: 200 });
  });

  test('may go back once after a pause', () => {
    const timeline = new Timeline<string>(0, 6, 60);
    timeline.push(0, 'a');
    timeline.push(30, 'b');
    timeline.at(30);
    expect(timeline.at(10)?.tick).toBe(30);
    timeline.restart();
    expect(timeline.at(10)?.tick).toBe(10);
  });
});
