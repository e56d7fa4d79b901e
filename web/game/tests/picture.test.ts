import type { Sample } from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import type { Own } from '../src/model/adapter.ts';
import { Frame, readSample } from '../src/model/frame.ts';
import { View } from '../src/model/view.ts';
import { Camera, halfSide, viewSide } from '../src/view/camera.ts';
import { edgePoint } from '../src/view/edge-point.ts';
import { arrowDistance, labelSize, shortName } from '../src/view/label-layout.ts';
import { Quality } from '../src/view/quality.ts';

function circle(view: View, seat: number, x: number, y: number, radius: number): void {
  view.circles |= 1 << seat;
  view.circleX[seat] = x * 4;
  view.circleY[seat] = y * 4;
  view.circleRadius[seat] = radius * 4;
}

function sample(from: View, to: View, alpha: number): Sample<View, Own> {
  return {
    from,
    to,
    alpha,
    fromTick: 10,
    toTick: 13,
    tick: 10 + 3 * alpha,
    serverTick: 16,
    newest: to,
    newestTick: 13,
    isExtrapolated: alpha > 1,
    isFrozen: false,
    own: undefined,
  };
}

describe('a frame', () => {
  test('shows others between two views', () => {
    const from = new View();
    const to = new View();
    circle(from, 2, 100, -40, 20);
    circle(to, 2, 112, -40, 24);
    const frame = new Frame();
    readSample(sample(from, to, 0.25), 0, frame);
    expect([frame.x[2], frame.y[2], frame.radius[2]]).toEqual([103, -40, 21]);
  });

  test('carries a course on while extrapolating, but not the growth', () => {
    const from = new View();
    const to = new View();
    circle(from, 2, 100, 0, 20);
    circle(to, 2, 112, 0, 24);
    const frame = new Frame();
    readSample(sample(from, to, 1.5), 0, frame);
    expect([frame.x[2], frame.radius[2]]).toEqual([118, 24]);
  });

  test('doesn’t let a circle that was placed anew fly across the pond', () => {
    const from = new View();
    const to = new View();
    circle(from, 1, -900, 0, 20);
    circle(to, 1, 900, 0, 20);
    const frame = new Frame();
    readSample(sample(from, to, 0.4), 0, frame);
    expect(frame.x[1]).toBe(-900);
    readSample(sample(from, to, 0.6), 0, frame);
    expect(frame.x[1]).toBe(900);
  });

  test('shows a circle that came or goes where the one view has it', () => {
    const from = new View();
    const to = new View();
    circle(from, 1, 5, 6, 20);
    circle(to, 2, 7, 8, 20);
    const frame = new Frame();
    readSample(sample(from, to, 0.5), 0, frame);
    expect([frame.x[1], frame.x[2], frame.has(3)]).toEqual([5, 7, false]);
  });

  test('puts the own circle where prediction has it', () => {
    const view = new View();
    Object.assign(view.own, {
      present: true,
      x: 2_560,
      y: 0,
      vx: 0,
      vy: 0,
      mass: 100,
      cooldown: 0,
    });
    const own = { x: 2_560, y: 0, vx: 0, vy: 0, mass: 100, cooldown: 0 };
    const predicted = { previous: own, current: own, alpha: 1, x: 5_120, y: -256, tick: 16 };
    const frame = new Frame();
    readSample({ ...sample(view, view, 0), own: predicted }, 3, frame);
    expect([frame.x[3], frame.y[3], frame.radius[3]]).toEqual([20, -1, 20]);
    expect([frame.hasOwn, frame.focus, frame.ownMass]).toEqual([true, 3, 100]);
  });

  test('is without the own circle as soon as the newest view is', () => {
    const before = new View();
    before.focus = 3;
    circle(before, 3, 100, 0, 20);
    circle(before, 5, 130, 0, 40);
    const after = new View();
    after.focus = 5;
    circle(after, 5, 130, 0, 44);
    const frame = new Frame();
    readSample({ ...sample(before, before, 0), newest: after }, 3, frame);
    expect([frame.hasOwn, frame.has(3), frame.has(5)]).toEqual([false, false, true]);
  });

  test('follows another after death', () => {
    const view = new View();
    view.focus = 5;
    circle(view, 5, 1, 2, 30);
    const frame = new Frame();
    readSample(sample(view, view, 0), 3, frame);
    expect([frame.hasOwn, frame.focus, frame.has(3)]).toEqual([false, 5, false]);
  });
});

describe('the camera', () => {
  test.each([
    ['a wide screen', 1_280, 800],
    ['a phone held upright', 390, 844],
    ['a very wide one', 3_440, 900],
  ])('shows no more than the server sends on %s', (_, width, height) => {
    for (const radius of [0, 20, 60, 250, 900]) {
      const camera = new Camera();
      camera.resize(width, height);
      camera.follow(0, 300, -200, radius, 0);
      expect(camera.toScreenX(300)).toBeCloseTo(width / 2, 6);
      expect(camera.toScreenX(300 + halfSide(radius))).toBeGreaterThanOrEqual(width - 1e-6);
      expect(camera.toScreenY(-200 - halfSide(radius))).toBeLessThanOrEqual(1e-6);
    }
  });

  test('is close enough that a new circle takes a twentieth of a screen’s width', () => {
    const camera = new Camera();
    camera.resize(1_280, 800);
    camera.follow(0, 0, 0, 20, 0);
    expect((40 * camera.scale) / camera.width).toBeGreaterThan(0.05);
  });

  test('shows nothing that isn’t sent on its way to a circle far off', () => {
    const camera = new Camera();
    camera.resize(1_280, 800);
    camera.follow(-1, -1_500, 900, 20, 1 / 60);
    for (let frame = 0; frame < 60; frame += 1) {
      camera.follow(4, 1_500, -900, 20, 1 / 60);
      expect(camera.toScreenX(1_500 - halfSide(20))).toBeLessThanOrEqual(1e-6);
      expect(camera.toScreenY(-900 + halfSide(20))).toBeGreaterThanOrEqual(800 - 1e-6);
    }
  });

  test('follows the own circle without lag', () => {
    const camera = new Camera();
    camera.follow(-1, 0, 0, 20, 1 / 60);
    camera.follow(-1, 5, 3, 20, 1 / 60);
    expect([camera.x, camera.y]).toEqual([5, 3]);
  });

  test('glides to another circle and arrives', () => {
    const camera = new Camera();
    camera.follow(-1, 0, 0, 20, 1 / 60);
    camera.follow(4, 400, 0, 20, 1 / 60);
    expect(camera.x).toBeLessThan(100);
    for (let frame = 0; frame < 120; frame += 1) {
      camera.follow(4, 400, 0, 20, 1 / 60);
    }
    expect(camera.x).toBeCloseTo(400, 0);
  });

  test('cuts to the first circle and after a cut', () => {
    const camera = new Camera();
    camera.follow(1, 900, 0, 20, 1 / 60);
    expect(camera.x).toBe(900);
    camera.cut();
    camera.follow(1, -900, 0, 200, 1 / 60);
    expect(camera.x).toBe(-900);
    expect(camera.scale).toBeCloseTo(0.5 / viewSide(200, 1, 1), 9);
  });
});

describe('an arrow head at the edge', () => {
  const at = { x: 0, y: 0, isOut: false };

  test('stands inside the picture, on the way to the circle', () => {
    edgePoint(1_600, 300, 40, 800, 600, at);
    expect(at).toEqual({ x: 774, y: 300, isOut: true });
    edgePoint(-2_000, -5_000, 40, 800, 600, at);
    expect(at.isOut).toBe(true);
    expect(at.y).toBe(26);
    expect(at.x).toBeGreaterThan(26);
  });

  test('isn’t there while any of the circle is in the picture', () => {
    edgePoint(830, 300, 40, 800, 600, at);
    expect(at.isOut).toBe(false);
    edgePoint(841, 300, 40, 800, 600, at);
    expect(at.isOut).toBe(true);
  });
});

describe('names', () => {
  test('go inside a circle that has room and below one that hasn’t', () => {
    expect(labelSize(2, 12, 0)).toBe(0);
    expect(labelSize(2, 30, 0)).toBe(14);
    expect(labelSize(2, 300, 0)).toBe(31);
    expect(labelSize(9, 50, 0)).toBe(0);
  });

  test('keep their size while the circle trembles around a limit', () => {
    const grown = labelSize(2, 32, 12);
    expect(labelSize(2, 31, 16)).toBe(16);
    expect(labelSize(2, 31, 14)).toBe(14);
    expect(grown).toBe(16);
  });

  test('below a circle are not covered by its arrow', () => {
    const right = arrowDistance(0, 37, 20, 60);
    const up = arrowDistance(-Math.PI / 2, 37, 20, 60);
    expect([right, up]).toEqual([37, 37]);
    expect(arrowDistance(Math.PI / 2, 37, 20, 0)).toBe(37);
    for (let angle = -Math.PI; angle < Math.PI; angle += 0.05) {
      const distance = arrowDistance(angle, 37, 20, 60);
      const [x, y] = [distance * Math.cos(angle), distance * Math.sin(angle)];
      expect(Math.abs(x) >= 39.9 || Math.abs(y - 33) >= 18.9).toBe(true);
      expect(distance).toBeLessThan(66);
    }
  });

  test('are cut between characters', () => {
    expect(shortName('  Ada ')).toBe('Ada');
    expect(shortName('Maximilian von Teichgraben')).toBe('Maximilian von…');
    expect(Array.from(shortName('🌊'.repeat(30)))).toHaveLength(16);
  });
});

describe('quality', () => {
  test('goes down step by step on a slow device and never up', () => {
    const quality = new Quality();
    const run = (dt: number, frames: number): void => {
      for (let frame = 0; frame < frames; frame += 1) {
        quality.observe(dt);
      }
    };
    run(1 / 60, 450);
    expect(quality.resolution(2)).toBe(2);
    run(1 / 30, 90);
    expect(quality.resolution(2)).toBe(1.5);
    run(1 / 60, 450);
    expect(quality.resolution(2)).toBe(1.5);
    run(1 / 20, 450);
    expect([quality.resolution(2), quality.isFine]).toEqual([1, false]);
    expect(quality.resolution(1)).toBe(1);
  });

  test('takes a pause of the page for no slow frame', () => {
    const quality = new Quality();
    for (let frame = 0; frame < 300; frame += 1) {
      quality.observe(frame % 2 === 0 ? 1 : 1 / 60);
    }
    expect(quality.resolution(2)).toBe(2);
  });
});
