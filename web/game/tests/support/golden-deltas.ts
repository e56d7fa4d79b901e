/** The golden deltas, and views as their JSON has them. */

import { readFileSync } from 'node:fs';
import { View } from '../../src/model/view.ts';

/** What is remembered of a snapshot. */
export interface JsonBaseline {
  readonly view: {
    readonly focus: number;
    readonly own: {
      x: number;
      y: number;
      vx: number;
      vy: number;
      mass: number;
      cooldown: number;
    } | null;
    readonly circles: readonly { seat: number; x: number; y: number; radius: number }[];
    readonly knibbles: readonly { slot: number; x: number; y: number }[];
  };
  readonly steps: readonly { x: number; y: number }[];
  readonly age: number;
}

/** One delta, with what is remembered on both sides of it. */
export interface GoldenDelta {
  readonly name: string;
  readonly hex: string;
  readonly age: number;
  readonly baseline: JsonBaseline;
  readonly result: JsonBaseline;
}

/** A file of golden vectors. */
export function golden(name: string): unknown {
  const url = new URL(`../../../../tests/golden/${name}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

export const goldenDeltas = (golden('game.json') as { readonly ViewDelta: readonly GoldenDelta[] })
  .ViewDelta;

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

export function toView({ view: json, steps, age }: JsonBaseline): View {
  const view = new View();
  view.focus = json.focus;
  view.age = age;
  json.circles.forEach((circle, index) => {
    view.circles |= 1 << circle.seat;
    view.circleX[circle.seat] = circle.x;
    view.circleY[circle.seat] = circle.y;
    view.circleRadius[circle.seat] = circle.radius;
    view.stepX[circle.seat] = steps[index]?.x ?? 0;
    view.stepY[circle.seat] = steps[index]?.y ?? 0;
  });
  if (json.own !== null) {
    Object.assign(view.own, json.own, { present: true });
    view.circles |= 1 << json.focus;
  }
  for (const knibble of json.knibbles) {
    view.knibbles[knibble.slot] = 1;
    view.knibbleX[knibble.slot] = knibble.x;
    view.knibbleY[knibble.slot] = knibble.y;
  }
  return view;
}

export function toJson(view: View): JsonBaseline {
  const { present, x, y, vx, vy, mass, cooldown } = view.own;
  const seats = [...view.circleX.keys()].filter((seat) => (view.others() & (1 << seat)) !== 0);
  const slots = [...view.knibbles.keys()].filter((slot) => view.knibbles[slot] === 1);
  return {
    view: {
      focus: view.focus,
      own: present ? { x, y, vx, vy, mass, cooldown } : null,
      circles: seats.map((seat) => ({
        seat,
        x: view.circleX[seat] ?? 0,
        y: view.circleY[seat] ?? 0,
        radius: view.circleRadius[seat] ?? 0,
      })),
      knibbles: slots.map((slot) => ({
        slot,
        x: view.knibbleX[slot] ?? 0,
        y: view.knibbleY[slot] ?? 0,
      })),
    },
    steps: seats.map((seat) => ({ x: view.stepX[seat] ?? 0, y: view.stepY[seat] ?? 0 })),
    age: view.age,
  };
}
