import { describe, expect, test } from 'vitest';
import { Writer } from '../../src/protocol/codec.ts';
import {
  NOTHING_RECEIVED,
  writeDatagramHeader,
  writeSnapshotHeader,
} from '../../src/protocol/datagram.ts';
import { StateLane } from '../../src/protocol/state-lane.ts';
import { DownLoss } from '../../src/sync/meter.ts';
import { SnapshotReceiver } from '../../src/sync/receiver.ts';
import { Starvation } from '../../src/sync/starvation.ts';
import { adapter, type View } from '../support/fake-game.ts';
import { receive } from '../support/receive.ts';

function snapshot(sequence: number, tick: number, baselineAge: number, change: number): Uint8Array {
  const writer = new Writer();
  writeDatagramHeader(writer, { sequence, ack: 0, ackBits: 0, ackDelay: NOTHING_RECEIVED });
  writeSnapshotHeader(writer, { tick, baselineAge, inputLead: 2 });
  return writer.i32(change).i32(0).finish();
}

function receiver() {
  const lane = new StateLane();
  return { lane, snapshots: new SnapshotReceiver<View>(adapter, lane) };
}

/** What the next datagram of ours would acknowledge. */
function acked(lane: StateLane): string {
  const { ack, ackBits, ackDelay } = lane.sendDatagram(0, 0);
  return ackDelay === NOTHING_RECEIVED ? 'nothing' : `${ack} ${ackBits.toString(2)}`;
}

describe('a snapshot', () => {
  test('is decoded against the baseline it names', () => {
    const { snapshots } = receiver();
    expect(receive(snapshots, 0, snapshot(0, 100, 0, 50))).toBe('newest');
    expect(receive(snapshots, 0, snapshot(1, 103, 3, 5))).toBe('newest');
    expect(receive(snapshots, 0, snapshot(2, 106, 6, 7))).toBe('newest');
    expect(snapshots.last).toMatchObject({ tick: 106, inputLead: 2, view: { world: 57 } });
  });

  test('that comes late is decoded too and serves as a baseline', () => {
    const { snapshots } = receiver();
    receive(snapshots, 0, snapshot(0, 100, 0, 50));
    receive(snapshots, 0, snapshot(2, 106, 6, 9));
    expect(receive(snapshots, 0, snapshot(1, 103, 3, 5))).toBe('late');
    expect(receive(snapshots, 0, snapshot(3, 109, 6, 1))).toBe('newest');
    expect(snapshots.last?.view.world).toBe(56);
  });

  test('without its baseline is not acknowledged', () => {
    const { lane, snapshots } = receiver();
    expect(receive(snapshots, 0, snapshot(5, 100, 3, 50))).toBe('undecodable');
    expect(acked(lane)).toBe('nothing');
    expect(receive(snapshots, 0, snapshot(6, 103, 0, 50))).toBe('newest');
    expect(acked(lane)).toBe('6 0');
  });

  test('that does not fit the adapter, or goes on behind its end, is not acknowledged', () => {
    const { lane, snapshots } = receiver();
    const whole = snapshot(0, 100, 0, 50);
    expect(receive(snapshots, 0, whole.subarray(0, whole.length - 1))).toBe('undecodable');
    expect(receive(snapshots, 0, new Uint8Array([...whole, 0]))).toBe('undecodable');
    expect(acked(lane)).toBe('nothing');
    expect(receive(snapshots, 0, whole)).toBe('newest');
  });

  test('is taken once', () => {
    const { snapshots } = receiver();
    receive(snapshots, 0, snapshot(0, 100, 0, 50));
    expect(receive(snapshots, 0, snapshot(0, 100, 0, 50))).toBe('duplicate');
  });

  test('that is cut off or too long is malformed', () => {
    const { snapshots } = receiver();
    for (let length = 0; length < 12; length += 1) {
      expect(receive(snapshots, 0, snapshot(0, 100, 0, 50).subarray(0, length))).toMatch(
        /malformed|undecodable/,
      );
    }
    expect(receive(snapshots, 0, new Uint8Array(1_001))).toBe('malformed');
  });

  test('may name any of the last 127 as its baseline, and none before', () => {
    const { snapshots } = receiver();
    for (let i = 0; i < 300; i += 1) {
      receive(snapshots, 0, snapshot(i, 100 + 3 * i, 0, i));
    }
    const tick = 100 + 3 * 300;
    expect(receive(snapshots, 0, snapshot(300, tick, 3 * 128, 0))).toBe('undecodable');
    expect(receive(snapshots, 0, snapshot(300, tick, 3 * 127, 0))).toBe('newest');
    expect(snapshots.last?.view.world).toBe(300 - 127);
  });

  test('tells the adapter its tick and its baseline’s', () => {
    const seen: object[] = [];
    const snapshots = new SnapshotReceiver<View>(
      {
        emptyView: adapter.emptyView,
        decodeDelta: (reader, baseline, reuse, context) => {
          seen.push({ ...context });
          return adapter.decodeDelta(reader, baseline, reuse, context);
        },
      },
      new StateLane(),
    );
    receive(snapshots, 0, snapshot(0, 100, 0, 50));
    receive(snapshots, 0, snapshot(1, 103, 3, 5));
    expect(seen).toEqual([
      { tick: 100, baselineAge: 0, baselineTick: 100 },
      { tick: 103, baselineAge: 3, baselineTick: 100 },
    ]);
  });

  test('gives the adapter views to reuse that nothing refers to any more', () => {
    const lane = new StateLane();
    const reused: (View | undefined)[] = [];
    const snapshots = new SnapshotReceiver<View>(
      {
        emptyView: adapter.emptyView,
        decodeDelta: (reader, baseline, reuse, context) => {
          reused.push(reuse);
          return adapter.decodeDelta(reader, baseline, reuse, context);
        },
      },
      lane,
    );
    const views: (View | undefined)[] = [];
    for (let i = 0; i < 300; i += 1) {
      receive(snapshots, 0, snapshot(i, 100 + i, 0, i));
      views.push(snapshots.last?.view);
    }
    expect(reused.slice(0, 128).every((view) => view === undefined)).toBe(true);
    expect(reused.slice(128)).toEqual(views.slice(0, 172));
  });
});

describe('the measurements', () => {
  test('starved time begins 150 ms after a snapshot and leaves pauses out', () => {
    const starvation = new Starvation();
    for (let now = 0; now <= 1_000; now += 50) {
      starvation.onSnapshot(now);
    }
    starvation.onSnapshot(1_350);
    expect(starvation.share(1_350)).toBeCloseTo(200 / 1_350, 6);
    expect(starvation.share(1_550)).toBeCloseTo(250 / 1_550, 6);
    expect(starvation.recentShare(1_400)).toBeCloseTo(200 / 4_000, 6);
    starvation.pause();
    starvation.resume(60_000);
    starvation.onSnapshot(60_050);
    expect(starvation.share(60_050)).toBeCloseTo(200 / 1_400, 6);
    expect(starvation.recentShare(60_050)).toBe(0);
  });

  test('loss counts what never came, not what came late', () => {
    const loss = new DownLoss();
    for (let i = 0; i < 1_000; i += 1) {
      const sequence = (65_400 + i) & 0xffff;
      if (i % 10 === 3) {
        continue;
      }
      if (i % 10 === 6) {
        loss.onDatagram((sequence + 1) & 0xffff);
      }
      loss.onDatagram(sequence);
    }
    expect(loss.share()).toBeCloseTo(0.1, 2);
    const { first, newest, received } = loss.sequences;
    expect([first, newest]).toEqual([65_400, 66_399]);
    expect(newest - first + 1 - received).toBe(100);
  });

  test('nothing is lost before anything could be', () => {
    const loss = new DownLoss();
    expect(loss.share()).toBe(0);
    expect(loss.sequences).toEqual({ first: 0, newest: 0, received: 0 });
    loss.onDatagram(500);
    loss.onDatagram(499);
    expect(loss.sequences).toEqual({ first: 500, newest: 500, received: 1 });
    for (let sequence = 501; sequence < 520; sequence += 1) {
      loss.onDatagram(sequence);
    }
    expect(loss.share()).toBe(0);
  });
});
