import { describe, expect, test } from 'vitest';
import { Autopilot } from '../src/input/autopilot.ts';
import {
  STICK_REACH,
  steerAlong,
  steerByKeys,
  steerByPointer,
  steerByStick,
} from '../src/input/steering.ts';
import { Frame } from '../src/model/frame.ts';
import { View } from '../src/model/view.ts';

describe('steering', () => {
  test('never asks for more than full throttle and never for a negative zero', () => {
    const out = { x: 0, y: 0 };
    for (let angle = 0; angle < 360; angle += 7) {
      steerAlong(Math.cos(angle) * 900, Math.sin(angle) * 900, 5, out);
      expect(Math.hypot(out.x, out.y)).toBeLessThan(128);
      expect(Math.hypot(out.x, out.y)).toBeGreaterThan(126);
      expect(Object.is(out.x, -0) || Object.is(out.y, -0)).toBe(false);
    }
  });

  test('by keys goes along eight directions, and opposite keys cancel', () => {
    const out = { x: 0, y: 0 };
    steerByKeys(true, false, false, true, out);
    expect(out).toEqual({ x: 90, y: -90 });
    steerByKeys(true, true, true, true, out);
    expect(out).toEqual({ x: 0, y: 0 });
  });

  test('by pointer rests inside the circle and is full a little outside it', () => {
    const out = { x: 0, y: 0 };
    steerByPointer(8, 0, 40, out);
    expect(out).toEqual({ x: 0, y: 0 });
    steerByPointer(60, 0, 40, out);
    expect(out.x).toBeGreaterThan(20);
    expect(out.x).toBeLessThan(100);
    steerByPointer(0, -400, 40, out);
    expect(out).toEqual({ x: 0, y: -127 });
  });

  test('by stick grows with the thumb’s way', () => {
    const out = { x: 0, y: 0 };
    steerByStick(4, 4, out);
    expect(out).toEqual({ x: 0, y: 0 });
    steerByStick(STICK_REACH / 2, 0, out);
    expect(out.x).toBe(64);
    steerByStick(0, STICK_REACH * 3, out);
    expect(out.y).toBe(127);
  });
});

describe('the autopilot', () => {
  function pond(): { frame: Frame; view: View; put: (...at: [number, number, number]) => void } {
    const frame = new Frame();
    const view = new View();
    frame.knibbles = view;
    let seats = 0;
    const put = (x: number, y: number, radius: number): void => {
      frame.circles |= 1 << seats;
      frame.x[seats] = x;
      frame.y[seats] = y;
      frame.radius[seats] = radius;
      seats += 1;
    };
    return { frame, view, put };
  }

  function knibble(view: View, slot: number, x: number, y: number): void {
    view.knibbles[slot] = 1;
    view.knibbleX[slot] = x;
    view.knibbleY[slot] = y;
  }

  function steer(frame: Frame, boundary = 1_600): { x: number; y: number } {
    const out = { x: 0, y: 0 };
    new Autopilot().steer(frame, 0, boundary, out);
    return out;
  }

  test('goes for the nearest knibble', () => {
    const { frame, view, put } = pond();
    put(0, 0, 20);
    knibble(view, 3, 100, 0);
    knibble(view, 9, 0, -300);
    expect(steer(frame)).toEqual({ x: 127, y: 0 });
  });

  test('flees a larger circle rather than eat', () => {
    const { frame, view, put } = pond();
    put(0, 0, 20);
    put(120, 0, 40);
    knibble(view, 0, 60, 0);
    expect(steer(frame)).toEqual({ x: -127, y: 0 });
  });

  test('hunts a smaller circle that is near, and leaves an equal one alone', () => {
    const { frame, view, put } = pond();
    put(0, 0, 40);
    put(0, 120, 20);
    put(-90, 0, 41);
    knibble(view, 0, 500, 0);
    expect(steer(frame)).toEqual({ x: 0, y: 127 });
  });

  test('comes back inside the boundary, and doesn’t swim out for a knibble', () => {
    const { frame, view, put } = pond();
    put(900, 0, 20);
    knibble(view, 0, 1_000, 0);
    expect(steer(frame, 800)).toEqual({ x: -127, y: 0 });
    const calm = pond();
    calm.put(300, 0, 20);
    knibble(calm.view, 0, 790, 0);
    knibble(calm.view, 1, -100, 0);
    expect(steer(calm.frame, 800)).toEqual({ x: -127, y: 0 });
  });
});
