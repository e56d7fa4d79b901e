/** Welcomes and events that were tampered with are refused, or mean something within the bounds. */

import { DecodeError } from '@battle-circles/sdk';
import { expect, test } from 'vitest';
import { decodeEvent, decodeWelcome, MAX_NAME_BYTES } from '../src/model/events.ts';
import { MAX_SEATS } from '../src/model/view.ts';
import { fromHex, golden } from './support/golden-deltas.ts';

const vectors = golden('game.json') as Record<
  'GameEvent' | 'GameWelcome',
  readonly { readonly hex: string }[]
>;
const honest = [...vectors.GameEvent, ...vectors.GameWelcome].map(({ hex }) => fromHex(hex));

/** Numbers from a linear congruential generator: the same in each run. */
let state = 1;
function below(bound: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * bound);
}

function tamper(bytes: number[]): void {
  const place = below(bytes.length + 1);
  const how = below(5);
  if (how === 0) {
    bytes.length = place;
  } else if (how === 1) {
    bytes.splice(place, 0, below(256));
  } else if (place < bytes.length) {
    bytes[place] = (bytes[place] as number) ^ below(256);
  }
}

function rowsOf(event: ReturnType<typeof decodeEvent>): readonly unknown[] {
  switch (event.kind) {
    case 'roster':
      for (const { name } of event.entries) {
        expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(MAX_NAME_BYTES);
      }
      return event.entries;
    case 'phase':
      return event.boundary;
    case 'standings':
      return event.standings;
    case 'results':
      return event.rows;
    default:
      return [];
  }
}

test('tampered welcomes and events are refused or keep to their bounds', () => {
  let refused = 0;
  for (let times = 0; times < 20_000; times += 1) {
    const bytes = [...(honest[below(honest.length)] as Uint8Array)];
    for (let changes = 1 + below(4); changes > 0; changes -= 1) {
      tamper(bytes);
    }
    for (const read of [decodeEvent, decodeWelcome]) {
      try {
        const value = read(Uint8Array.from(bytes));
        if ('kind' in value) {
          expect(rowsOf(value).length).toBeLessThanOrEqual(MAX_SEATS);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
        refused += 1;
      }
    }
  }
  expect(refused).toBeGreaterThan(20_000);
});

test('a list of more rows than there are seats is refused', () => {
  const standings = (rows: number) =>
    Uint8Array.of(3, rows, ...Array.from({ length: rows }, () => [1, 5]).flat());
  expect(decodeEvent(standings(MAX_SEATS)).kind).toBe('standings');
  expect(() => decodeEvent(standings(MAX_SEATS + 1))).toThrow(DecodeError);
});
