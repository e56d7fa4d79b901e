import { readFileSync } from 'node:fs';
import { Writer } from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import {
  decodeEvent,
  decodeWelcome,
  encodeReady,
  encodeRespawn,
  encodeWatch,
  type GameEvent,
  writeInput,
} from '../src/model/events.ts';

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
        respawns_until: number;
        started: number;
      };
    }
  | { Eaten: { victim: number; eater: number | null } }
  | { Standings: [number, number][] }
  | { Results: { peak_mass: number; [field: string]: number }[] };

const golden = JSON.parse(
  readFileSync(new URL('../../../tests/golden/game.json', import.meta.url), 'utf8'),
) as {
  readonly InputBatch: readonly Entry<{
    inputs: { x: number; y: number; dash: boolean }[];
    newest: number;
  }>[];
  readonly GameWelcome: readonly Entry<unknown>[];
  readonly GameEvent: readonly Entry<JsonEvent>[];
  readonly GameAction: readonly Entry<'Ready' | 'Respawn' | { Watch: number }>[];
};

const NAMED_ACTIONS = { Ready: encodeReady, Respawn: encodeRespawn };

/** With names as Rust has them. */
function snakeCased(object: object): unknown {
  const renamed = Object.entries(object).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return Object.fromEntries(renamed);
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
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
      const { boundary, ends, game, phase, respawnsUntil, started } = event;
      const name = phase.charAt(0).toUpperCase() + phase.slice(1);
      return {
        Phase: { boundary, ends, game, phase: name, respawns_until: respawnsUntil, started },
      };
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

describe('the Control lane', () => {
  test.each(golden.GameWelcome)('welcome “$name”', ({ hex, value }) => {
    const { seat, movement } = decodeWelcome(bytes(hex));
    expect({ seat, movement: snakeCased(movement) }).toEqual(value);
  });

  test.each(golden.GameEvent)('event “$name”', ({ hex, value }) => {
    expect(eventToJson(decodeEvent(bytes(hex)))).toEqual(value);
  });

  test.each(golden.GameAction)('action “$name”', ({ hex, value }) => {
    const encoded = typeof value === 'object' ? encodeWatch(value.Watch) : NAMED_ACTIONS[value]();
    expect(encoded).toEqual(bytes(hex));
  });
});

test.each(golden.InputBatch)('inputs of batch “$name” encode as the server’s', (entry) => {
  const writer = new Writer();
  for (const input of entry.value.inputs) {
    writeInput(writer, input);
  }
  expect(entry.hex.endsWith(Buffer.from(writer.view()).toString('hex'))).toBe(true);
});
