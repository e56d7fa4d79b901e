/**
 * What one frame of a room of twelve costs, all of the SDK together: decoding, prediction with its
 * replay, interpolation and sending inputs. Two milliseconds is the bound.
 */

import { bench, describe } from 'vitest';
import { ReceivedDatagram } from '../src/received-datagram.ts';
import { Play } from '../src/sync/play.ts';
import { adapter, type Due, type Input, snapshots, type View } from './pond.ts';

const FRAME_MS = 1_000 / 60;
const SECONDS = 300;

/** Plays on, a frame at each call; from the beginning again when the snapshots are used up. */
function frames(due: Due[]): () => void {
  const nothing = () => undefined;
  const datagram = new ReceivedDatagram();
  let play = new Play<View, Input, { x: number; y: number; vx: number; vy: number }>(
    adapter,
    { tickRate: 60, snapshotRate: 20 },
    nothing,
  );
  let now = 1_000;
  let next = 0;
  return () => {
    if (next >= due.length) {
      play = new Play(adapter, { tickRate: 60, snapshotRate: 20 }, nothing);
      now = 1_000;
      next = 0;
    }
    now += FRAME_MS;
    for (; (due[next]?.at ?? Number.POSITIVE_INFINITY) <= now; next += 1) {
      datagram.at = now;
      play.receive(datagram.read(due[next]?.bytes ?? new Uint8Array()));
    }
    play.setInput({ x: (now & 127) - 64, y: 30 });
    play.sample(now);
  };
}

describe('one frame, in milliseconds', () => {
  const usual = frames(snapshots(SECONDS, (tick) => tick % 3 === 0));
  const often = frames(snapshots(SECONDS, (tick) => tick % 3 !== 0));
  bench('20 snapshots a second', usual, { time: 2_000 });
  bench('40 snapshots a second', often, { time: 2_000 });
});
