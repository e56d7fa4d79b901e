import { readFileSync } from 'node:fs';
import { DecodeError, Reader, Writer } from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import { applyDelta } from '../src/model/delta.ts';
import {
  decodeEvent,
  decodeWelcome,
  encodeReady,
  type GameEvent,
  writeInput,
} from '../src/model/events.ts';
import { View } from '../src/model/view.ts';

interface JsonView {
  readonly focus: number;
  readonly own: { x: number; y: number; vx: number; vy: number; mass: number } | null;
  readonly circles: readonly { seat: number; x: number; y: number; radius: number }[];
  readonly knibbles: readonly { slot: number; x: number; y: number }[];
}

interface Entry<Value> {
  readonly name: string;
  readonly hex: string;
  readonly value: Value;
}

type JsonEvent =
  | {
      Roster: {
        is_alive: boolean;
        is_bot: boolean;
        is_parked: boolean;
        name: string;
        seat: number;
      }[];
    }
  | {
      Phase: {
        boundary: { start: number; end: number; from: number; to: number }[];
        ends: number;
        game: number;
        phase: string;
        started: number;
      };
    }
  | { Eaten: { victim: number; eater: number | null } }
  | { Standings: [number, number][] }
  | { Results: { peak_mass: number; [field: string]: number }[] };

const golden = JSON.parse(
  readFileSync(new URL('../../../tests/golden/game.json', import.meta.url), 'utf8'),
) as {
  readonly InputBatch: readonly Entry<{ inputs: { x: number; y: number }[]; newest: number }>[];
  readonly ViewDelta: readonly (Entry<unknown> & { baseline: JsonView; view: JsonView })[];
  readonly GameWelcome: readonly Entry<unknown>[];
  readonly GameEvent: readonly Entry<JsonEvent>[];
  readonly GameAction: readonly Entry<string>[];
};

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function toView(json: JsonView): View {
  const view = new View();
  view.focus = json.focus;
  if (json.own !== null) {
    Object.assign(view.own, json.own, { present: true });
  }
  for (const circle of json.circles) {
    view.circles |= 1 << circle.seat;
    view.circleX[circle.seat] = circle.x;
    view.circleY[circle.seat] = circle.y;
    view.circleRadius[circle.seat] = circle.radius;
  }
  for (const knibble of json.knibbles) {
    view.knibbles[knibble.slot] = 1;
    view.knibbleX[knibble.slot] = knibble.x;
    view.knibbleY[knibble.slot] = knibble.y;
  }
  return view;
}

function toJson(view: View): JsonView {
  const { present, x, y, vx, vy, mass } = view.own;
  const seats = [...view.circleX.keys()].filter((seat) => view.hasCircle(seat));
  const slots = [...view.knibbles.keys()].filter((slot) => view.knibbles[slot] === 1);
  return {
    focus: view.focus,
    own: present ? { x, y, vx, vy, mass } : null,
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
  };
}

function eventToJson(event: GameEvent): unknown {
  switch (event.kind) {
    case 'roster':
      return {
        Roster: event.entries.map((entry) => ({
          is_alive: entry.isAlive,
          is_bot: entry.isBot,
          is_parked: entry.isParked,
          name: entry.name,
          seat: entry.seat,
        })),
      };
    case 'phase': {
      const { boundary, ends, game, phase, started } = event;
      const name = phase.charAt(0).toUpperCase() + phase.slice(1);
      return { Phase: { boundary, ends, game, phase: name, started } };
    }
    case 'eaten':
      return { Eaten: { victim: event.victim, eater: event.eater ?? null } };
    case 'standings':
      return { Standings: event.standings.map(({ seat, mass }) => [seat, mass]) };
    case 'results':
      return {
        Results: event.rows.map(({ peakMass, ...row }) => ({ ...row, peak_mass: peakMass })),
      };
  }
}

describe('deltas', () => {
  test.each(golden.ViewDelta)('“$name” makes the server’s view of its baseline', (entry) => {
    const baseline = toView(entry.baseline);
    const view = new View();
    applyDelta(baseline, new Reader(bytes(entry.hex)), view);
    expect(toJson(view)).toEqual(entry.view);
    expect(toJson(baseline)).toEqual(entry.baseline);
  });

  test('overwrite whatever a used view held before', () => {
    const used = toView(golden.ViewDelta.at(-1)?.baseline as JsonView);
    for (const entry of golden.ViewDelta) {
      applyDelta(toView(entry.baseline), new Reader(bytes(entry.hex)), used);
      expect(toJson(used)).toEqual(entry.view);
    }
  });

  test('cut off anywhere are refused', () => {
    for (const entry of golden.ViewDelta) {
      const whole = bytes(entry.hex);
      const baseline = toView(entry.baseline);
      for (let length = 0; length < whole.length; length += 1) {
        const reader = new Reader(whole.subarray(0, length));
        expect(() => applyDelta(baseline, reader, new View())).toThrow(DecodeError);
      }
    }
  });

  test.each([
    ['an unknown circle', '0000000111020000'],
    ['an unknown knibble', '0000000001c800'],
    ['a new circle without its radius', '00000001b002020000'],
    ['a masked field that is zero', '0000000110000000'],
    ['a byte behind the end', '00000000000000'],
  ])('about %s are refused', (_, hex) => {
    const baseline = new View();
    baseline.circles = 1;
    const reader = new Reader(bytes(hex));
    expect(() => applyDelta(baseline, reader, new View())).toThrow(DecodeError);
  });
});

describe('the Control lane', () => {
  test.each(golden.GameWelcome)('welcome “$name”', ({ hex, value }) => {
    expect(decodeWelcome(bytes(hex))).toEqual(value);
  });

  test.each(golden.GameEvent)('event “$name”', ({ hex, value }) => {
    expect(eventToJson(decodeEvent(bytes(hex)))).toEqual(value);
  });

  test.each(golden.GameAction)('action “$name”', ({ hex }) => {
    expect(encodeReady()).toEqual(bytes(hex));
  });
});

test.each(golden.InputBatch)('inputs of batch “$name” encode as the server’s', (entry) => {
  const writer = new Writer();
  for (const input of entry.value.inputs) {
    writeInput(writer, input);
  }
  expect(entry.hex.endsWith(Buffer.from(writer.view()).toString('hex'))).toBe(true);
});
