/** The way up alone is lost: snapshots go on coming, and no input gets through. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GameClient } from '../../src/client.ts';
import type { ClientOptions } from '../../src/events.ts';
import type { RungKind } from '../../src/rung.ts';
import { adapter, type View } from '../support/fake-game.ts';
import { FakeNetwork } from '../support/fake-network.ts';

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
  network.trips.websocket = 4;
});

afterEach(() => {
  vi.useRealTimers();
});

type Client = GameClient<View, number, number>;

/** A client that has played for a while. */
async function playing(options: Partial<ClientOptions<View, number, number>> = {}) {
  const client: Client = new GameClient({ adapter, ...options }, network.host);
  client.connect({ name: 'Ada' }).catch(() => undefined);
  await network.run(40_000);
  return client;
}

function loseUp(...rungs: RungKind[]): void {
  for (const rung of rungs) {
    network.path.blackholedUp.add(rung);
  }
}

/** The longest time without an input at the server, while the client plays on. */
async function longestUnheard(milliseconds: number): Promise<number> {
  const { session } = network.server;
  let heard = session.datagrams;
  let since = performance.now();
  let longest = 0;
  const until = since + milliseconds;
  while (performance.now() < until) {
    await network.run(5);
    if (session.datagrams > heard) {
      longest = Math.max(longest, performance.now() - since);
      heard = session.datagrams;
      since = performance.now();
    }
  }
  return Math.max(longest, performance.now() - since);
}

function moves(client: Client): string[] {
  return client.stats().rungLog.map(({ to, why }) => `${to}: ${why}`);
}

function links(client: Client): string[] {
  return client.stats().links.map(({ rung, state }) => `${rung} ${state}`);
}

describe('UDP is lost on the way up only', () => {
  test.each([
    [5, 330],
    [25, 450],
    [50, 600],
  ])('with %d ms one way, inputs get through again within %d ms', async (delay, most) => {
    network.quality.delay = delay;
    const client = await playing();
    expect(client.stats().rung).toBe('webtransport');
    loseUp('webtransport', 'webrtc');
    expect(await longestUnheard(3_000)).toBeLessThanOrEqual(most);
    expect(moves(client).at(-1)).toBe('websocket: webtransport is not heard');
    expect(client.stats().starvedFraction).toBe(0);
  });

  test('WebRTC that is not heard is left as well', async () => {
    network.missing.add('webtransport');
    const client = await playing();
    expect(client.stats().rung).toBe('webrtc');
    loseUp('webrtc');
    expect(await longestUnheard(3_000)).toBeLessThanOrEqual(450);
    expect(client.stats().rung).toBe('websocket');
  });

  test('the game does not go back to a link that brings snapshots and is not heard', async () => {
    const client = await playing();
    loseUp('webtransport', 'webrtc');
    await network.run(12_000);
    // It costs every snapshot twice, so it is given up before long.
    expect(links(client)).not.toContain('webtransport active');
    await network.run(288_000);
    expect(moves(client).slice(-1)).toEqual(['websocket: webtransport is not heard']);
    expect(await longestUnheard(60_000)).toBeLessThanOrEqual(60);
    expect(links(client)).toEqual(['websocket active']);
  });

  test('the game climbs back after its usual proof once the way up is there again', async () => {
    const client = await playing();
    const { id } = client.stats().links[0] ?? {};
    loseUp('webtransport', 'webrtc');
    await network.run(3_000);
    expect(client.stats().rung).toBe('websocket');
    network.path.blackholedUp.clear();
    await network.run(2_200);
    expect(client.stats().rung).toBe('websocket');
    await network.run(1_000);
    expect(moves(client).at(-1)).toBe('webtransport: better rung');
    expect(client.stats().links[0]?.id).toBe(id);
    await network.run(5_000);
    expect(links(client)).toEqual(['webtransport active']);
  });
});

describe('all is lost on the way up', () => {
  test('no link is closed for it, and the game goes on where it was', async () => {
    const client = await playing();
    loseUp('webtransport', 'webrtc', 'websocket');
    await network.run(6_000);
    expect(client.stats().rung).toBe('webtransport');
    network.path.blackholedUp.clear();
    await network.run(15_000);
    expect(moves(client).slice(1)).toEqual([]);
    expect(links(client)).toEqual(['webtransport active']);
  });
});

describe('no way up is missed', () => {
  test('while the page is hidden, nor on its return', async () => {
    const client = await playing();
    network.setHidden(true);
    await network.run(20_000);
    network.setHidden(false);
    await network.run(5_000);
    expect(moves(client)).toHaveLength(1);
  });

  test('while the page stands still and sends nothing', async () => {
    const client = await playing();
    for (const busy of [300, 800, 200, 2_000]) {
      await network.block(busy);
      await network.run(150);
    }
    await network.run(3_000);
    expect(moves(client)).toHaveLength(1);
    expect(links(client)).toEqual(['webtransport active']);
  });

  test('when nothing passed either way for a while', async () => {
    const client = await playing();
    for (const length of [250, 600, 2_000]) {
      await network.gap(length);
      await network.run(30_000);
    }
    expect(moves(client).filter((move) => move.includes('not heard'))).toEqual([]);
    expect(links(client)).toEqual(['webtransport active']);
  });
});
