/** A session that is over is no end: the client comes back by itself, after a restart or a crash. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeNetwork } from '../support/fake-network.ts';
import { connect } from '../support/observed-client.ts';

/** Many clients take a while, also in virtual time. */
const LONG = { timeout: 30_000 };

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Most of `times` that lie in any window of so many milliseconds. */
function crowd(times: readonly number[], window: number): number {
  return Math.max(
    0,
    ...times.map((from) => times.filter((at) => at >= from && at < from + window).length),
  );
}

/** When joins were sent after `since`, from then on. */
function joinsSince(since: number): number[] {
  return network.joins.filter(({ at }) => at > since).map(({ at }) => at - since);
}

/** Thirty clients that play. */
async function thirty() {
  const clients = Array.from({ length: 30 }, () =>
    connect(network, { name: 'Ada' }, { rung: 'websocket' }),
  );
  await network.run(1_000);
  return {
    states: () => new Set(clients.map(({ client }) => client.status.state)),
  };
}

describe('after a planned restart', () => {
  test('comes back into the same room, with a true word meanwhile', async () => {
    const { client, log, states } = connect(network);
    await network.run(15_000);
    network.server.shutDown(() => ({ afterMs: 700, everyMs: 1_000 }));
    await network.run(200);
    expect(client.status).toMatchObject({
      state: 'reconnecting',
      rung: undefined,
      quality: 'gone',
      returning: 'restart',
    });
    await network.run(1_300);
    network.server.isDown = false;
    await network.run(3_000);
    expect(log).toEqual(['welcome token-1 pond', 'welcome token-2 pond']);
    expect(states).toEqual(['connecting', 'playing', 'reconnecting restart', 'playing']);
    expect(network.joins.at(-1)).toMatchObject({ name: 'Ada', room: 'pond', visibility: 'public' });
    // Its own seat where the server has kept it, and else another.
    expect(network.joins.at(-1)).toMatchObject({ resume: 'token-1', or_new: true });
  });

  test('asks at the slots it was given, to a poll, and not in between', async () => {
    connect(network);
    await network.run(15_000);
    network.server.shutDown(() => ({ afterMs: 730, everyMs: 1_200 }));
    const goodbye = performance.now() + 25;
    await network.run(5_000);
    const late = joinsSince(goodbye).map((at, turn) => at - 730 - 1_200 * turn);
    expect(late).toHaveLength(4);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThan(17);
  });

  test('thirty with slots of their own ask at most five at a time', LONG, async () => {
    const { states } = await thirty();
    network.server.shutDown((index) => ({ afterMs: 500 + 33 * index, everyMs: 1_000 }));
    const goodbye = performance.now();
    await network.run(1_200);
    network.server.isDown = false;
    await network.run(2_000);
    expect(crowd(joinsSince(goodbye), 100)).toBeLessThanOrEqual(5);
    expect(joinsSince(goodbye).length).toBeGreaterThan(45);
    expect(states()).toEqual(new Set(['playing']));
  });

  test('thirty without slots spread themselves', LONG, async () => {
    const { states } = await thirty();
    network.server.shutDown();
    const goodbye = performance.now();
    network.server.isDown = false;
    await network.run(2_000);
    const times = joinsSince(goodbye);
    expect(times).toHaveLength(30);
    expect(Math.max(...times)).toBeLessThan(1_550);
    expect(crowd(times, 100)).toBeLessThanOrEqual(8);
    expect(states()).toEqual(new Set(['playing']));
  });

  test.each([1_000, 60])('whoever joined %i ms before comes back as well', async (before) => {
    const { log, client, welcome } = connect(network);
    await network.run(before);
    network.server.shutDown(() => ({ afterMs: 300, everyMs: 1_000 }));
    await network.run(1_000);
    network.server.isDown = false;
    await network.run(5_000);
    expect(client.status.state).toBe('playing');
    expect(log.at(-1)).toBe('welcome token-2 pond');
    await expect(welcome).resolves.toBeDefined();
  });

  test('a private room stays private', async () => {
    connect(network, { name: 'Ada', room: 'willow' });
    await network.run(5_000);
    network.server.shutDown(() => ({ afterMs: 0, everyMs: 500 }));
    network.server.isDown = false;
    await network.run(2_000);
    expect(network.joins.at(-1)).toMatchObject({ room: 'willow', visibility: 'private' });
    expect(network.server.session).toMatchObject({ room: 'willow', visibility: 'private' });
  });

  test('with its room full it takes any room', async () => {
    const { log } = connect(network, { name: 'Ada', room: 'willow' });
    await network.run(5_000);
    network.fullRooms.add('willow');
    network.server.shutDown(() => ({ afterMs: 100, everyMs: 1_000 }));
    network.server.isDown = false;
    await network.run(3_000);
    expect(log.at(-1)).toBe('welcome token-2 pond');
    expect(network.joins.at(-1)?.room).toBeUndefined();
    expect(network.joins.at(-1)?.visibility).toBeUndefined();
  });

  test.each([
    [426, 'protocol'],
    [400, 'refused'],
  ])('a refusal with %i ends it as %s', async (status, reason) => {
    const { log } = connect(network);
    await network.run(5_000);
    network.server.shutDown();
    network.server.isDown = false;
    network.joinStatus = status;
    await network.run(5_000);
    expect(log.at(-1)).toBe(`closed ${reason}`);
  });

  test.each([503, 500, 429])('%i only means not yet', async (status) => {
    const { log, client } = connect(network);
    await network.run(5_000);
    network.server.shutDown();
    network.server.isDown = false;
    network.joinStatus = status;
    await network.run(20_000);
    expect(log).toHaveLength(1);
    network.joinStatus = 200;
    await network.run(3_000);
    expect(client.status.state).toBe('playing');
  });

  test('a request that hangs neither doubles nor holds up those after it', async () => {
    const { client } = connect(network);
    await network.run(5_000);
    network.server.shutDown(() => ({ afterMs: 500, everyMs: 1_000 }));
    network.server.isDown = false;
    const goodbye = performance.now() + 25;
    network.joinDelay = 60_000;
    await network.run(6_000);
    const times = joinsSince(goodbye).map((at) => Math.round(at / 100) / 10);
    expect(times).toEqual([0.5, 2.5, 4.5]);
    network.joinDelay = 0;
    await network.run(3_000);
    expect(client.status.state).toBe('playing');
    expect(network.server.sessions.size).toBe(1);
  });

  test('gives up after two minutes without a server', async () => {
    const { log } = connect(network);
    await network.run(5_000);
    network.server.shutDown();
    await network.run(118_000);
    expect(log).toHaveLength(1);
    await network.run(4_000);
    expect(log.at(-1)).toBe('closed unreachable');
  });

  test('leaving ends the waiting', async () => {
    const { client, log } = connect(network);
    await network.run(5_000);
    network.server.shutDown();
    await network.run(300);
    client.leave();
    network.server.isDown = false;
    await network.run(5_000);
    expect(log.at(-1)).toBe('closed left');
    expect(network.joins).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(1);
  });
});

describe('after a crash', () => {
  test.each(['webtransport', 'webrtc', 'websocket'] as const)(
    'of a server that it played on over %s, it comes back without a goodbye',
    async (rung) => {
      const { client, log, states } = connect(network, { name: 'Ada' }, { rung });
      await network.run(15_000);
      network.server.crash();
      await network.run(2_000);
      network.server.isDown = false;
      await network.run(15_000);
      expect(log).toEqual(['welcome token-1 pond', 'welcome token-2 pond']);
      expect(states.slice(0, 4)).toEqual([
        'connecting',
        'playing',
        'reconnecting',
        'reconnecting lost',
      ]);
      expect(client.status.state).toBe('playing');
    },
  );

  test(
    'thirty spread themselves over one and a half seconds after the first sign',
    LONG,
    async () => {
      const { states } = await thirty();
      network.server.crash();
      network.server.isDown = false;
      const crash = performance.now();
      await network.run(5_000);
      const times = joinsSince(crash);
      expect(times).toHaveLength(30);
      expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1_000);
      expect(crowd(times, 100)).toBeLessThanOrEqual(8);
      expect(states()).toEqual(new Set(['playing']));
    },
  );

  test('a session that is over by its server’s clock is joined anew on any rung', async () => {
    const { client, log } = connect(network, { name: 'Ada' }, { rung: 'webrtc' });
    await network.run(15_000);
    network.server.end('token-1', 'silent');
    await network.run(10_000);
    expect(log).toEqual(['welcome token-1 pond', 'welcome token-2 pond']);
    expect(client.status.state).toBe('playing');
  });

  test('again and again, it joins ever more slowly, and for as long as it takes', async () => {
    const { log, client } = connect(network, { name: 'Ada' }, { rung: 'websocket' });
    await network.run(3_000);
    const begun = performance.now();
    for (let step = 0; step < 600; step += 1) {
      if (network.server.sessions.size > 0) {
        network.server.crash();
        network.server.isDown = false;
      }
      await network.run(100);
    }
    const times = joinsSince(begun);
    const pauses = times.map((at, turn) => at - (times[turn - 1] ?? 0));
    expect(pauses.length).toBeLessThan(12);
    expect(Math.min(...pauses.slice(4))).toBeGreaterThan(7_500);
    expect(Math.max(...pauses)).toBeLessThan(13_000);
    await network.run(14_000);
    expect(client.status.state).toBe('playing');
    expect(log.some((line) => line.startsWith('closed'))).toBe(false);
  });
});
