import { Reader, Writer } from '@battle-circles/sdk';
import { expect, test } from 'vitest';
import {
  readDatagramHeader,
  readSnapshotHeader,
  writeDatagramHeader,
} from '../../sdk/src/protocol/datagram.ts';
import { StateLane } from '../../sdk/src/protocol/state-lane.ts';
import { applyDelta } from '../src/model/delta.ts';
import { View } from '../src/model/view.ts';
import { fromHex, golden, type JsonBaseline, toJson } from './support/golden-deltas.ts';

/** One snapshot of a recorded session, and what the client answered. */
type Step =
  | { readonly lost: true; readonly down: string }
  | {
      readonly lost: false;
      readonly down: string;
      readonly tick: number;
      readonly view: JsonBaseline['view'];
      readonly up: string;
    };

/** What comes before the inputs in a datagram. */
const HEADER_BYTES = 9;

test('a recorded session of whole datagrams, some lost, comes to the server’s views', () => {
  const steps = golden('session.json') as readonly Step[];
  const lane = new StateLane();
  const views = new Map<number, View>();
  let came = 0;
  for (const step of steps) {
    if (step.lost) {
      continue;
    }
    came += 1;
    const reader = new Reader(fromHex(step.down));
    const header = readDatagramHeader(reader);
    const { tick, baselineAge } = readSnapshotHeader(reader);
    const baseline = baselineAge === 0 ? new View() : views.get(tick - baselineAge);
    expect(baseline).toBeDefined();
    const view = new View();
    applyDelta(baseline ?? new View(), baselineAge, reader, view);
    views.set(tick, view);
    expect([tick, toJson(view).view]).toEqual([step.tick, step.view]);

    // The recording's client holds each ack back for a tick, so only the delay is its own.
    lane.receiveDatagram(0, header);
    const writer = new Writer(32);
    writeDatagramHeader(writer, { ...lane.sendDatagram(0, tick), ackDelay: 16 });
    const written = Buffer.from(writer.view()).toString('hex');
    expect(written).toBe(step.up.slice(0, 2 * HEADER_BYTES));
  }
  expect(came).toBeGreaterThan(15);
});
