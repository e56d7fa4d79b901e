import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GameClient } from '../../src/client.ts';
import { type DatagramRecord, DatagramTap } from '../../src/datagram-tap.ts';
import type { ClientOptions } from '../../src/events.ts';
import { Writer } from '../../src/protocol/codec.ts';
import {
  NOTHING_RECEIVED,
  writeDatagramHeader,
  writeSnapshotHeader,
} from '../../src/protocol/datagram.ts';
import { ReceivedDatagram } from '../../src/received-datagram.ts';
import { adapter, type View } from '../support/fake-game.ts';
import { FakeNetwork } from '../support/fake-network.ts';

describe('the listener to datagrams', () => {
  let network: FakeNetwork;

  beforeEach(() => {
    network = new FakeNetwork();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  /** A client that plays, and copies of all records up to now. */
  async function playing(options: Partial<ClientOptions<View, number, number>> = {}) {
    const records: DatagramRecord[] = [];
    const client = new GameClient<View, number, number>(
      { adapter, onDatagram: (record) => records.push({ ...record }), ...options },
      network.host,
    );
    client.connect({ name: 'Ada' }).catch(() => undefined);
    await network.run(2_000);
    const of = (wanted: Partial<DatagramRecord>) =>
      records.filter((record) =>
        Object.entries(wanted).every(([key, value]) => Reflect.get(record, key) === value),
      );
    return { client, records, of };
  }

  test('hears of each snapshot on every rung, as it comes in', async () => {
    const { client, of } = await playing();
    const snapshots = of({ direction: 'down', isDuplicate: false });
    expect(snapshots.length).toBe(client.stats().snapshots);
    expect(snapshots.at(-1)?.tick).toBe(client.stats().tick);
    expect(snapshots.map(({ sequence }) => sequence)).toEqual(
      snapshots.map((_, index) => (snapshots[0]?.sequence ?? 0) + index),
    );
    expect(of({ direction: 'down', rung: 'websocket' }).length).toBeGreaterThan(0);
    expect(of({ direction: 'down', rung: 'webtransport' }).length).toBeGreaterThan(0);
    expect(of({ link: client.stats().links[0]?.id ?? -1 }).length).toBeGreaterThan(0);
  });

  test('tells a repeat from the first of its number', async () => {
    const { client, of } = await playing();
    expect(of({ direction: 'down', isDuplicate: true }).length).toBe(
      client.stats().counts.duplicate,
    );
    expect(client.stats().counts.duplicate).toBeGreaterThan(0);
  });

  test('hears of each datagram that goes out, with what it acknowledges', async () => {
    const { records, of } = await playing({ rung: 'webtransport' });
    const sent = of({ direction: 'up' });
    expect(sent.length).toBeGreaterThan(30);
    expect(sent.every(({ tick }) => tick === undefined)).toBe(true);
    const last = sent.at(-1);
    const before = records.slice(
      0,
      records.findIndex(({ at }) => at === last?.at),
    );
    const newest = before.findLast(({ direction }) => direction === 'down');
    expect(last?.ack).toBe(newest?.sequence);
    expect(last?.ackDelay).toBe(Math.floor((last?.at ?? 0) - (newest?.at ?? 0)));
  });

  test('hears how long a datagram may have waited for a page that stood still', async () => {
    const { of } = await playing({ rung: 'webtransport' });
    expect(of({ waited: 0 }).length).toBeGreaterThan(30);
    await network.block(500);
    await network.run(100);
    expect(of({ waited: Number.POSITIVE_INFINITY }).length).toBeGreaterThan(5);
  });
});

describe('a tap', () => {
  const snapshot = new Writer();
  writeDatagramHeader(snapshot, { sequence: 7, ack: 0, ackBits: 0, ackDelay: NOTHING_RECEIVED });
  writeSnapshotHeader(snapshot, { tick: 300, baselineAge: 0, inputLead: 0 });
  const received = (bytes: Uint8Array) => new ReceivedDatagram().read(bytes);

  test('leaves out what is no datagram', () => {
    const listener = vi.fn();
    const tap = new DatagramTap(listener);
    for (const length of [0, 8, 9, 10]) {
      tap.down(received(snapshot.finish().slice(0, length)));
    }
    tap.down(received(new Uint8Array(1_001)));
    expect(listener).not.toHaveBeenCalled();
    tap.down(received(snapshot.finish()));
    expect(listener).toHaveBeenCalledWith(
      expect.objectContaining({ sequence: 7, tick: 300, ack: undefined, ackDelay: undefined }),
    );
  });

  test('goes on when a listener throws, and lets its error be seen', () => {
    const later = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => undefined);
    const tap = new DatagramTap(() => {
      throw new Error('mine');
    });
    tap.down(received(snapshot.finish()));
    expect(() => later.mock.calls[0]?.[0]()).toThrow('mine');
    later.mockRestore();
  });

  test('takes a number that comes round again for a new one', () => {
    const known: boolean[] = [];
    const tap = new DatagramTap(({ isDuplicate }) => known.push(isDuplicate));
    const send = (sequence: number) =>
      tap.up(0, 1, 'websocket', { sequence, ack: 0, ackBits: 0, ackDelay: 0 }, 12);
    for (let number = 0; number < 65_537; number += 1) {
      send(number & 0xffff);
    }
    send(0);
    expect(known.filter((isKnown) => isKnown)).toHaveLength(1);
  });
});
