/** How soon it is noticed that nothing gets through to the server, and how seldom in error. */

import { describe, expect, test } from 'vitest';
import { Uplink } from '../../../src/net/connection/uplink.ts';
import { type Loss, NETWORK_PROFILES } from '../../../src/net/emulator/network-profile.ts';
import { PathModel } from '../../../src/net/emulator/path-model.ts';
import { LinkTable } from '../../../src/net/links/link-table.ts';
import type { DatagramHeader } from '../../../src/protocol/datagram.ts';
import { StateLane } from '../../../src/protocol/state-lane.ts';

const STEP_MS = 5;
const SNAPSHOT_MS = 50;
const HOUR_S = 3_600;

interface Path {
  readonly loss?: Loss;
  readonly delay: number;
  readonly jitter?: number;
  /** Time between two datagrams of ours: twenty-five where much is lost. */
  readonly every?: number;
  readonly seed?: number;
}

/** A client on one link, and a server that acknowledges what it hears. */
class OneLink {
  now = 0;
  /** When the link was found unheard. */
  readonly found: number[] = [];
  isSwallowed = false;
  /** The same both ways. */
  isGone = false;
  private readonly path: Path;
  private readonly server = new StateLane();
  private readonly client = new StateLane();
  private readonly uplink = new Uplink();
  private readonly table = new LinkTable();
  private readonly link = this.table.open(0, 'webtransport', 1_000);
  private readonly up: PathModel;
  private readonly down: PathModel;
  private readonly flights: { due: number; isUp: boolean; header: DatagramHeader }[] = [];

  constructor(path: Path) {
    const { loss = { model: 'none' }, delay, jitter = 0, seed = 1 } = path;
    const model = NETWORK_PROFILES['loss-5'].up;
    const way = { ...model, delay_ms: delay, jitter: { ...model.jitter, ms: jitter }, loss };
    this.path = path;
    this.up = new PathModel(way, seed, seed + 100);
    this.down = new PathModel(way, seed + 200, seed + 300);
    this.link.attach();
  }

  run(seconds: number): this {
    const end = this.now + 1_000 * seconds;
    for (; this.now < end; this.now += STEP_MS) {
      this.deliver();
      if (this.now % (this.path.every ?? 35) === 0) {
        const header = this.client.sendDatagram(this.now, 0);
        this.uplink.sent(this.now, header.sequence, [this.link.id]);
        this.carry(true, this.isSwallowed || this.isGone ? [] : this.up.send(this.now), header);
      }
      if (this.now % SNAPSHOT_MS === 0) {
        const header = this.server.sendDatagram(this.now, 0);
        this.carry(false, this.isGone ? [] : this.down.send(this.now), header);
      }
    }
    return this;
  }

  private carry(isUp: boolean, dues: readonly number[], header: DatagramHeader): void {
    for (const due of dues) {
      this.flights.push({ due, isUp, header });
    }
  }

  private deliver(): void {
    for (let i = 0; i < this.flights.length; ) {
      const flight = this.flights[i];
      if (flight === undefined || flight.due > this.now) {
        i += 1;
        continue;
      }
      this.flights.splice(i, 1);
      if (flight.isUp) {
        this.server.receiveDatagram(this.now, flight.header);
      } else if (this.client.receiveDatagram(this.now, flight.header) === 'newest') {
        this.hear(flight.header);
      }
    }
  }

  private hear(header: DatagramHeader): void {
    const roundTrip = this.client.path.roundTrip ?? 200;
    this.uplink.setRoundTrip(roundTrip);
    this.table.setPath(roundTrip, false);
    const { silence, proven } = this.uplink.onSnapshot(this.now, header);
    if (proven !== undefined) {
      this.link.proveUplink(this.now);
    }
    const wasHeard = this.link.uplinkLostAt === undefined;
    this.table.uplink(this.now, silence);
    if (wasHeard && this.link.uplinkLostAt !== undefined) {
      this.found.push(this.now);
    }
    this.table.snapshot(this.now, this.link, true, true);
  }
}

/** How often an hour of this path is taken for a lost way up. */
function errors(path: Path): number {
  return new OneLink(path).run(HOUR_S).found.length;
}

describe('a way up that is lost', () => {
  test.each([10, 50, 100, 150])(
    'is noticed within 220 ms and a round trip of 2 × %d ms',
    (delay) => {
      for (let at = 0; at < 20; at += 1) {
        const one = new OneLink({ delay, jitter: 10, seed: at }).run(30 + at / 70);
        one.isSwallowed = true;
        const since = one.now;
        one.run(2);
        expect(one.found).toHaveLength(1);
        expect((one.found[0] ?? 0) - since).toBeLessThanOrEqual(2 * delay + 220);
      }
    },
  );

  test('is noticed later where much is lost anyway, and still soon', () => {
    const one = new OneLink({ delay: 50, loss: { model: 'uniform', percent: 10 }, every: 25 });
    one.run(120);
    const before = one.found.length;
    one.isSwallowed = true;
    const since = one.now;
    one.run(2);
    expect(one.found.length).toBe(before + 1);
    expect((one.found.at(-1) ?? 0) - since).toBeLessThanOrEqual(600);
  });
});

test('an outage both ways is no fault of the way up', () => {
  for (const delay of [10, 50, 150]) {
    const one = new OneLink({ delay, jitter: 10 }).run(30);
    for (const length of [0.3, 0.6, 2, 0.25]) {
      one.isGone = true;
      one.run(length);
      one.isGone = false;
      one.run(5);
    }
    expect(one.found).toEqual([]);
  }
});

describe('an hour of a path that only loses', () => {
  const delays = [55, 100, 150];

  test.each(delays)('nothing, at %d ms with jitter, is never found fault with', (delay) => {
    expect(errors({ delay, jitter: 40 })).toBe(0);
  });

  test.each(delays)('one in twenty lost, at %d ms, is hardly ever found fault with', (delay) => {
    const loss = { model: 'uniform', percent: 5 } as const;
    expect(errors({ delay, jitter: 20, loss, every: 25 })).toBeLessThanOrEqual(1);
  });

  test.each(delays)(
    'one in ten lost in bursts, at %d ms, is hardly ever found fault with',
    (delay) => {
      const loss = { model: 'bursts', good_packets: 18, bad_packets: 2 } as const;
      expect(errors({ delay, jitter: 20, loss, every: 25 })).toBeLessThanOrEqual(3);
    },
  );

  test.each(delays)('one in ten lost in fades, at %d ms, is seldom found fault with', (delay) => {
    const loss = { model: 'fades', mean_ms: 60, faded_percent: 10 } as const;
    expect(errors({ delay, jitter: 30, loss, every: 25 })).toBeLessThanOrEqual(10);
  });
});
