/** Whole stories of a bad train ride, on a path of 100 ms round trip, in virtual time. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GameClient } from '../../src/client.ts';
import type { ClientOptions } from '../../src/events.ts';
import type { RungKind } from '../../src/rung.ts';
import { adapter, type View } from '../support/fake-game.ts';
import { FakeNetwork } from '../support/fake-network.ts';

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
  network.quality.delay = 50;
  network.trips.websocket = 4;
});

afterEach(() => {
  vi.useRealTimers();
});

type Client = GameClient<View, number, number>;

/** A client that has played for a while. */
async function playing(options: Partial<ClientOptions<View, number, number>> = {}) {
  const client: Client = new GameClient({ adapter, ...options }, network.host);
  const log: string[] = [];
  client.on('welcome', ({ session }) => log.push(`welcome ${session}`));
  client.on('closed', ({ reason }) => log.push(`closed ${reason}`));
  client.connect({ name: 'Ada' }).catch(() => undefined);
  await network.run(12_000);
  return { client, log };
}

/** Plays on for so many milliseconds; gives the longest time without a newer snapshot in it. */
async function longestGap(client: Client, milliseconds: number): Promise<number> {
  let newest = 0;
  let since = performance.now();
  let longest = 0;
  const until = since + milliseconds;
  while (performance.now() < until) {
    await network.run(5);
    const tick = client.sample()?.newestTick ?? 0;
    if (tick > newest) {
      longest = Math.max(longest, newest === 0 ? 0 : performance.now() - since);
      newest = tick;
      since = performance.now();
    }
  }
  return Math.max(longest, performance.now() - since);
}

/** How long it takes until the next newer snapshot. */
async function untilNews(client: Client): Promise<number> {
  const newest = client.sample()?.newestTick;
  const since = performance.now();
  while (client.sample()?.newestTick === newest && performance.now() - since < 30_000) {
    await network.run(5);
  }
  return performance.now() - since;
}

describe('UDP goes nowhere all of a sudden', () => {
  test('the game goes on over the WebSocket within 0.6 s, in the same seat', async () => {
    const { client, log } = await playing();
    expect(client.stats().rung).toBe('webtransport');
    network.blackholed.add('webtransport').add('webrtc');
    expect(await longestGap(client, 3_000)).toBeLessThanOrEqual(600);
    expect(client.stats().rung).toBe('websocket');
    expect(client.stats().lastMove).toBe('webtransport is silent');
    expect(log).toEqual(['welcome token-1']);
    expect(client.stats().counts.undecodable).toBe(0);
    // From then on nothing is missed.
    expect(await longestGap(client, 20_000)).toBeLessThanOrEqual(60);
  });

  test('and the game climbs back once it goes through again', async () => {
    const { client } = await playing();
    network.blackholed.add('webtransport').add('webrtc');
    await network.run(5_000);
    network.blackholed.clear();
    expect(await longestGap(client, 60_000)).toBeLessThanOrEqual(60);
    expect(client.stats().rung).toBe('webtransport');
    expect(client.stats().links).toHaveLength(1);
  });
});

describe('a tunnel: nothing passes for three seconds', () => {
  /** Plays on this rung, through a tunnel of this length; gives how long it then takes. */
  async function afterTunnel(rung: RungKind, length: number) {
    if (rung !== 'webtransport') {
      network.missing.add('webtransport');
    }
    if (rung === 'websocket') {
      network.missing.add('webrtc');
    }
    const { client, log } = await playing();
    expect(client.stats().rung).toBe(rung);
    await network.gap(length);
    const wait = await untilNews(client);
    expect(log).toEqual(['welcome token-1']);
    await network.run(15_000);
    expect(client.stats().rung).toBe(rung);
    expect(client.stats().links).toHaveLength(1);
    return wait;
  }

  test.each([2_500, 3_000, 3_300, 6_000])(
    'of %d ms: WebTransport goes on with the first datagram that passes',
    async (length) => {
      expect(await afterTunnel('webtransport', length)).toBeLessThanOrEqual(60);
    },
  );

  // TCP and SCTP wait for a timer of their own then; a fresh link is there sooner.
  test.each([2_500, 3_000, 3_300, 6_000])(
    'of %d ms: without WebTransport a fresh link is there within 0.8 s',
    async (length) => {
      expect(await afterTunnel('webrtc', length)).toBeLessThanOrEqual(800);
    },
  );

  test.each([2_500, 3_000, 3_300, 6_000])(
    'of %d ms: without UDP a fresh link is there within 0.8 s',
    async (length) => {
      expect(await afterTunnel('websocket', length)).toBeLessThanOrEqual(800);
    },
  );

  test('that is over before anything was opened costs nothing', async () => {
    const { client } = await playing();
    await network.gap(140);
    await network.run(5_000);
    expect(client.stats().links).toHaveLength(1);
    expect(network.server.session.links).toHaveLength(1);
  });
});

describe('what a second link costs', () => {
  test('is nothing on a good path, and told where the path is bad', async () => {
    const { client } = await playing();
    const good = client.stats();
    await network.run(10_000);
    expect(client.stats().bytesBeside).toEqual(good.bytesBeside);
    expect(client.stats().linksInUse).toBe(1);
    expect(client.stats().bytesInPerSecond).toBeGreaterThan(200);
    expect(client.stats().inputCopies).toBe(1);
    expect(client.stats().bytesExtra).toEqual(good.bytesExtra);
    for (let i = 0; i < 10; i += 1) {
      network.blackholed.add('webtransport');
      await network.run(280);
      network.blackholed.delete('webtransport');
      await network.run(720);
    }
    const bad = client.stats();
    expect(bad.linksInUse).toBe(2);
    const beside = bad.bytesBeside.in - good.bytesBeside.in;
    expect(beside / (bad.bytesIn - good.bytesIn)).toBeGreaterThan(0.2);
    expect(beside / (bad.bytesIn - good.bytesIn)).toBeLessThan(0.6);
    expect(bad.bytesExtra.out - good.bytesExtra.out).toBeGreaterThan(500);
    expect(bad.bytesExtra.in - good.bytesExtra.in).toBeGreaterThan(500);
  });
});

describe('a NAT that forgets', () => {
  test('WebTransport goes on with what the client sends next', async () => {
    const { client, log } = await playing();
    network.path.rebind();
    expect(await longestGap(client, 5_000)).toBeLessThanOrEqual(200);
    expect(client.stats().rungChanges).toBe(0);
    expect(log).toEqual(['welcome token-1']);
  });

  test('WebSockets die without a word, and others are there within 1.2 s', async () => {
    network.missing.add('webtransport').add('webrtc');
    const { client, log } = await playing();
    network.path.rebind();
    // They might have come back by themselves: fresh ones are opened beside them after 0.6 s.
    expect(await longestGap(client, 5_000)).toBeLessThanOrEqual(1_200);
    expect(await longestGap(client, 20_000)).toBeLessThanOrEqual(60);
    expect(client.stats().links).toHaveLength(1);
    expect(log).toEqual(['welcome token-1']);
  });
});

describe('another network', () => {
  test('is answered at once, before any silence tells', async () => {
    const { client } = await playing();
    network.blackholed.add('webtransport').add('webrtc');
    network.changeNetwork();
    expect(await longestGap(client, 5_000)).toBeLessThanOrEqual(400);
    expect(client.stats().rung).toBe('websocket');
  });
});
