/**
 * Whether decoding would be better off in a worker: what a snapshot costs to decode here, beside
 * what it costs to give its bytes to a worker and take the view's arrays back, with nothing decoded
 * at all. The bytes and the arrays are transferred, not copied: there is no cheaper way.
 */

import { Worker } from 'node:worker_threads';
import { afterAll, bench, describe } from 'vitest';
import { Reader } from '../src/protocol/codec.ts';
import { readDatagramHeader, readSnapshotHeader } from '../src/protocol/datagram.ts';
import { adapter, snapshots, View } from './pond.ts';

const usual = snapshots(2, (tick) => tick % 3 === 0)[20]?.bytes ?? new Uint8Array();
const reader = new Reader(new Uint8Array());
const baseline = new View();
const reuse = new View();

/** Gives each message back with arrays of a view's size. */
const echo = new Worker(
  `const { parentPort } = require('node:worker_threads');
   parentPort.on('message', (bytes) => {
     const arrays = [24, 24, 24, 256, 512, 512].map((size) => new ArrayBuffer(size));
     parentPort.postMessage(arrays, [...arrays, bytes]);
   });`,
  { eval: true },
);

afterAll(async () => {
  await echo.terminate();
});

describe('one snapshot', () => {
  bench('decoded on the main thread', () => {
    reader.reset(usual);
    readDatagramHeader(reader);
    readSnapshotHeader(reader);
    adapter.decodeDelta(reader, baseline, reuse, { tick: 66, baselineAge: 3, baselineTick: 63 });
  });

  bench('to a worker and back, not decoded', async () => {
    const bytes = usual.slice().buffer;
    const back = new Promise((resolve) => echo.once('message', resolve));
    echo.postMessage(bytes, [bytes]);
    await back;
  });
});
