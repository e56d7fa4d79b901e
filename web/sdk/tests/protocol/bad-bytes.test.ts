/** Frames and datagrams that were tampered with are refused or understood, and nothing else. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DecodeError, Writer } from '../../src/protocol/codec.ts';
import { decodeServerFrame } from '../../src/protocol/control.ts';
import { writeDatagramHeader, writeSnapshotHeader } from '../../src/protocol/datagram.ts';
import { StateLane } from '../../src/protocol/state-lane.ts';
import { seededRandom } from '../../src/random.ts';
import { SnapshotReceiver } from '../../src/sync/receiver.ts';
import { adapter } from '../support/fake-game.ts';
import { receive } from '../support/receive.ts';

const random = seededRandom(11);

function below(bound: number): number {
  return Math.floor(random() * bound);
}

/** One to four bits flipped, bytes cut off or put in. */
function tampered(honest: Uint8Array): Uint8Array {
  const bytes = [...honest];
  for (let changes = 1 + below(4); changes > 0; changes -= 1) {
    const place = below(bytes.length + 1);
    const how = below(6);
    if (how === 0) {
      bytes.length = place;
    } else if (how === 1) {
      bytes.splice(place, 0, below(256));
    } else if (place < bytes.length) {
      bytes[place] = (bytes[place] as number) ^ (1 << below(8));
    }
  }
  return Uint8Array.from(bytes);
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../tests/golden/protocol.json', import.meta.url), 'utf8'),
) as { readonly ServerFrame: readonly { readonly hex: string }[] };

test('a tampered frame is refused or understood, and nothing else', () => {
  const frames = golden.ServerFrame.map(({ hex }) => Uint8Array.from(Buffer.from(hex, 'hex')));
  let refused = 0;
  for (let times = 0; times < 20_000; times += 1) {
    const bytes = tampered(frames[below(frames.length)] as Uint8Array);
    try {
      decodeServerFrame(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(5_000);
});

/** A snapshot of the smallest game against the one before, if there is one. */
function snapshot(sequence: number): Uint8Array {
  const writer = new Writer();
  writeDatagramHeader(writer, { sequence, ack: 7, ackBits: 0x55, ackDelay: below(256) });
  const baselineAge = sequence === 0 ? 0 : 3;
  writeSnapshotHeader(writer, { tick: 100 + 3 * sequence, baselineAge, inputLead: 2 });
  return writer.i32(1).i32(0).finish();
}

test('a tampered datagram never throws, and honest ones go on being taken', () => {
  const seen = new Map<string, number>();
  for (let round = 0; round < 1_000; round += 1) {
    const snapshots = new SnapshotReceiver(adapter, new StateLane());
    for (let sequence = 0; sequence < 12; sequence += 1) {
      const honest = snapshot(sequence);
      const outcome = receive(snapshots, 50 * sequence, below(3) > 0 ? honest : tampered(honest));
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    }
  }
  expect([...seen.keys()].sort()).toEqual([
    'duplicate',
    'late',
    'malformed',
    'newest',
    'undecodable',
  ]);
  expect(seen.get('newest')).toBeGreaterThan(2_000);
});
