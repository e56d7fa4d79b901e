import type { Sample } from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import type { Own } from '../src/model/adapter.ts';
import { CourseSmoothing } from '../src/model/course-smoothing.ts';
import { Frame, readSample } from '../src/model/frame.ts';
import { QUARTERS, View } from '../src/model/view.ts';

const OWN_SEAT = 0;
const SEAT = 3;

/** A view with another's circle at so many pixels to the right. */
function viewAt(x: number): View {
  const view = new View();
  view.circles = 1 << SEAT;
  view.circleX[SEAT] = x * QUARTERS;
  view.circleRadius[SEAT] = 20 * QUARTERS;
  return view;
}

/** Views by their ticks, and the frames that are drawn of them at these ticks by those that have come. */
function drawn(places: [tick: number, x: number][], frames: [tick: number, newest: number][]) {
  const views = places.map(([tick, x]) => ({ tick, view: viewAt(x) }));
  const smoothing = new CourseSmoothing();
  const frame = new Frame();
  return frames.map(([tick, newest]) => {
    const known = views.filter((one) => one.tick <= newest);
    const to = known.at(-1) ?? { tick: 0, view: viewAt(0) };
    const from = known.at(-2) ?? to;
    const alpha = (tick - from.tick) / Math.max(1, to.tick - from.tick);
    const sample: Sample<View, Own> = {
      from: from.view,
      to: to.view,
      alpha,
      fromTick: from.tick,
      toTick: to.tick,
      tick,
      serverTick: tick,
      newest: to.view,
      newestTick: to.tick,
      isExtrapolated: false,
      isFrozen: false,
      own: undefined,
    };
    readSample(sample, OWN_SEAT, frame);
    smoothing.apply(sample, OWN_SEAT, 1_000 / 60, frame);
    return frame.x[SEAT] ?? Number.NaN;
  });
}

describe('a circle that is drawn beyond the newest snapshot', () => {
  test('goes on as it went where it keeps its course', () => {
    const straight: [number, number][] = [0, 2, 4, 6].map((tick) => [tick, tick * 4]);
    const xs = drawn(straight, [
      [2, 2],
      [3, 2],
      [4, 2],
      [5, 4],
      [6, 4],
      [7, 6],
    ]);
    expect(xs).toEqual([8, 12, 16, 20, 24, 28]);
  });

  test('glides to where it is when it has turned, without a leap', () => {
    // It stops at tick 2; the picture learns of it at tick 5.
    const stops: [number, number][] = [
      [0, 0],
      [2, 8],
      [4, 8],
      [6, 8],
    ];
    const ticks: [number, number][] = [
      [3, 2],
      [4, 2],
      [5, 4],
      [6, 4],
    ];
    for (let tick = 7; tick < 30; tick += 1) {
      ticks.push([tick, 6]);
    }
    const xs = drawn(stops, ticks);
    const steps = xs.slice(1).map((x, index) => Math.abs(x - (xs[index] ?? 0)));
    expect(Math.max(...steps)).toBeLessThanOrEqual(4);
    expect(xs.at(-1)).toBeCloseTo(8, 0);
  });

  test('is at once where it was placed anew', () => {
    const placed: [number, number][] = [
      [0, 0],
      [2, 8],
      [4, 208],
    ];
    const xs = drawn(placed, [
      [3, 2],
      [4, 4],
    ]);
    expect(xs[1]).toBe(208);
  });
});
