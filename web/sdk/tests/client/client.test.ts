import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GameClient } from '../../src/client.ts';
import type { ClientOptions } from '../../src/events.ts';
import { adapter, type View } from '../support/fake-game.ts';
import { FakeNetwork } from '../support/fake-network.ts';
import { FakeServer } from '../support/fake-server.ts';

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
});

afterEach(() => {
  vi.useRealTimers();
});

type Options = Partial<ClientOptions<View, number, number>>;

/** A client that has prepared and is connecting, with all it tells. */
async function connecting(options: Options = {}) {
  const client = new GameClient<View, number, number>({ adapter, ...options }, network.host);
  const log: string[] = [];
  client.on('welcome', ({ session, bytes }) => log.push(`welcome ${session} ${[...bytes]}`));
  client.on('event', ({ bytes }) => log.push(`event ${[...bytes]}`));
  client.on('closed', ({ reason }) => log.push(`closed ${reason}`));
  const states: string[] = [];
  client.on('status', ({ state }) => {
    if (states.at(-1) !== state) {
      states.push(state);
    }
  });
  client.prepare();
  await network.run(200);
  const welcome = client.connect({ name: 'Ada' });
  welcome.catch(() => undefined);
  return { client, log, states, welcome };
}

/** The moves of the game from rung to rung. */
function moves(client: GameClient<View, number, number>): string[] {
  return client.stats().rungLog.map(({ to }) => String(to));
}

describe('connecting', () => {
  test('plays on the WebSocket at first, then on WebTransport, with no snapshot missed', async () => {
    network.trips.webtransport = 12;
    const { client, log, states } = await connecting();
    await network.run(8_000);
    expect(moves(client)).toEqual(['websocket', 'webtransport']);
    const stats = client.stats();
    expect(stats.rung).toBe('webtransport');
    expect(stats.loss).toBe(0);
    expect(stats.starvedFraction).toBe(0);
    expect(stats.counts.undecodable).toBe(0);
    expect(log).toEqual(['welcome token-1 42']);
    expect(states).toEqual(['connecting', 'playing']);
  });

  test('opens links at once with the join, when prepared', async () => {
    const { client } = await connecting();
    await network.run(2_000);
    // The session is up before the join; after it, attach and first snapshot.
    expect(client.stats().timeToFirstSnapshot).toBeLessThanOrEqual(4 * 25 + 20);
    expect(network.requests.slice(0, 2)).toEqual(['/v1/rungs', '/v1/join']);
  });

  test('opens nothing ahead of the join on a hidden page, nor for a player who wants another rung', async () => {
    network.hidden = true;
    const hidden = new GameClient<View, number, number>({ adapter }, network.host);
    hidden.prepare();
    await network.run(200);
    network.hidden = false;
    const forced = new GameClient({ adapter, rung: 'websocket' }, network.host);
    forced.prepare();
    await network.run(200);
    expect(network.sessions).toBe(0);
    hidden.prepare();
    await network.run(200);
    expect(network.sessions).toBe(1);
  });

  test('opens links as soon as rungs are known, while the join is on its way', async () => {
    const client = new GameClient<View, number, number>(
      { adapter, rung: 'webtransport' },
      network.host,
    );
    client.prepare();
    await network.run(40);
    client.connect({ name: 'Ada' }).catch(() => undefined);
    await network.run(1_000);
    // Rungs after 10 ms more, then WebTransport's three trips, attach and first snapshot.
    expect(client.stats().timeToFirstSnapshot).toBeLessThanOrEqual(10 + 5 * 25 + 10);
  });

  test('opens anew what the join offers elsewhere', async () => {
    network.websocketUrlBeforeJoin = 'wss://elsewhere.example';
    const { client } = await connecting({ rung: 'websocket' });
    await network.run(1_000);
    expect(moves(client)).toEqual(['websocket']);
  });

  test('takes no rungs from a server of another version', async () => {
    network.protocolBeforeJoin += 1;
    network.websocketUrlBeforeJoin = 'wss://elsewhere.example';
    const { client } = await connecting({ rung: 'websocket' });
    await network.run(1_000);
    expect(moves(client)).toEqual(['websocket']);
    expect(network.sockets).toHaveLength(3);
  });

  test('comes up without /v1/rungs as well', async () => {
    network.offersBeforeJoin = false;
    const { client, welcome } = await connecting();
    await network.run(1_000);
    expect((await welcome).bytes).toEqual(new Uint8Array([42]));
    expect(client.status.state).toBe('playing');
  });

  test('ends with the best rung alone and its links closed', async () => {
    const { client } = await connecting();
    await network.run(6_000);
    expect(client.stats().links.map(({ rung, state }) => `${rung} ${state}`)).toEqual([
      'webtransport active',
    ]);
    expect(network.server.session.links).toHaveLength(1);
  });

  test('without WebTransport it settles on WebRTC', async () => {
    network.missing.add('webtransport');
    const { client } = await connecting();
    await network.run(3_000);
    expect(moves(client)).toEqual(['websocket', 'webrtc']);
    expect(network.server.refused).toEqual([]);
  });

  test('with UDP blackholed it plays on the WebSocket and stays there', async () => {
    network.blackholed.add('webtransport').add('webrtc');
    const { client } = await connecting();
    await network.run(60_000);
    expect(moves(client)).toEqual(['websocket']);
    expect(client.stats().starvedFraction).toBe(0);
  });

  test.each(['webtransport', 'webrtc', 'websocket'] as const)(
    'forced, it opens %s only',
    async (rung) => {
      const { client } = await connecting({ rung });
      await network.run(3_000);
      expect(moves(client)).toEqual([rung]);
      expect(client.stats().links.map((link) => link.rung)).toEqual([rung]);
    },
  );

  test('a rung that the browser lacks can not be forced', async () => {
    network.missing.add('webtransport');
    const { welcome } = await connecting({ rung: 'webtransport' });
    await expect(welcome).rejects.toMatchObject({ reason: 'unreachable' });
  });

  test('a refused join says why', async () => {
    network.joinStatus = 409;
    const { welcome, log, client } = await connecting();
    await network.run(1_000);
    await expect(welcome).rejects.toMatchObject({
      reason: 'refused',
      status: 409,
      message: 'The room is full.',
    });
    expect(log).toEqual(['closed refused']);
    expect(client.status.state).toBe('closed');
  });

  test('another protocol version says so', async () => {
    network.joinStatus = 426;
    const { welcome } = await connecting();
    await network.run(1_000);
    await expect(welcome).rejects.toMatchObject({ reason: 'protocol' });
  });

  test('it gives up when no rung comes up at all', async () => {
    network.blackholed.add('webtransport').add('webrtc').add('websocket');
    const { welcome, log } = await connecting();
    await network.run(40_000);
    await expect(welcome).rejects.toMatchObject({ reason: 'unreachable' });
    expect(log).toEqual(['closed unreachable']);
  });

  test('the rung that won is remembered for this origin', async () => {
    await connecting();
    await network.run(3_000);
    expect([...network.storage.values()].join()).toContain('webtransport');
  });
});

describe('playing', () => {
  test('shows the world a little behind, evenly and exactly, on a lossy link', async () => {
    network.quality.loss = 0.05;
    const { client } = await connecting();
    await network.run(5_000);
    let last = 0;
    for (let frame = 0; frame < 600; frame += 1) {
      await network.run(16);
      const sample = client.sample();
      expect(sample).toBeDefined();
      if (sample !== undefined) {
        const { from, to, alpha } = sample;
        const world = from.world + (to.world - from.world) * alpha;
        expect(world).toBeCloseTo(FakeServer.worldAt(sample.tick), 6);
        expect(world).toBeGreaterThanOrEqual(last);
        last = world;
      }
    }
    const stats = client.stats();
    expect(FakeServer.worldAt(network.server.tick) - last).toBeLessThan(2 * 60 * 0.35);
    expect(stats.loss).toBeGreaterThan(0.01);
    expect(stats.loss).toBeLessThan(0.12);
    expect(stats.lossUp).toBeGreaterThan(0);
    expect(stats.rtt).toBeGreaterThan(49);
    expect(stats.rtt).toBeLessThan(75);
    expect(stats.snapshotAge.p50).toBeGreaterThan(20);
    expect(stats.snapshotAge.p50).toBeLessThan(40);
  });

  test('predicts the own figure without a single correction when the server agrees', async () => {
    const { client } = await connecting();
    await network.run(8_000);
    client.setInput(3);
    await network.run(2_000);
    client.setInput(-1);
    await network.run(2_000);
    const own = client.sample()?.own;
    expect(client.stats().corrections.p95).toBeLessThan(1e-6);
    expect(network.server.session.lateInputs).toBeLessThan(10);
    expect(own?.tick).toBeGreaterThan(network.server.tick);
    expect(client.stats().inputLead).toBeGreaterThanOrEqual(1);
    expect(client.stats().inputLead).toBeLessThanOrEqual(4);
  });

  test('sends about thirty datagrams a second, small ones', async () => {
    const { client } = await connecting();
    await network.run(5_000);
    const before = client.stats().bytesOut;
    await network.run(10_000);
    const perSecond = (client.stats().bytesOut - before) / 10;
    expect(perSecond).toBeGreaterThan(30 * 12);
    expect(perSecond).toBeLessThan(30 * 30);
  });

  test('no input is lost with a lost datagram', async () => {
    network.quality.loss = 0.15;
    await connecting();
    await network.run(8_000);
    const { session } = network.server;
    const before = session.missedInputs;
    await network.run(20_000);
    expect((session.missedInputs - before) / (20 * 60)).toBeLessThan(0.04);
  });

  test('what the player did goes down the link that carries the game', async () => {
    network.trips.webtransport = 12;
    const { client } = await connecting();
    await network.run(2_000);
    expect(client.stats().links.map(({ rung }) => rung)).toEqual(['webtransport', 'websocket']);
    client.action(new Uint8Array([1]));
    await network.run(100);
    expect([...network.server.session.receivedOn]).toEqual(['webtransport']);
  });

  test('what was lost with a socket is sent at once on the next', async () => {
    const { client } = await connecting({ rung: 'websocket' });
    await network.run(2_000);
    client.action(new Uint8Array([7]));
    network.sockets[0]?.fail();
    await network.run(100);
    expect(network.server.session.received).toEqual([
      { kind: 'action', action: new Uint8Array([7]) },
    ]);
  });

  test('events come once each and in order, over every change of links', async () => {
    network.missing.add('webtransport');
    const { client, log } = await connecting();
    for (let i = 0; i < 40; i += 1) {
      await network.run(100);
      if (network.server.sessions.size > 0) {
        network.server.event(network.server.tick, i);
        client.action(new Uint8Array([i]));
      }
      if (i === 25) {
        network.sockets.at(-1)?.fail();
      }
    }
    await network.run(5_000);
    const events = log
      .filter((line) => line.startsWith('event'))
      .map((line) => Number(line.slice(6)));
    expect(events).toEqual(Array.from({ length: events.length }, (_, i) => i + (events[0] ?? 0)));
    expect(events.length).toBeGreaterThan(35);
    const actions = network.server.session.received.map((message) =>
      message.kind === 'action' ? message.action[0] : message.kind,
    );
    expect(actions).toEqual(
      Array.from({ length: actions.length }, (_, i) => i + Number(actions[0])),
    );
    expect(actions.length).toBeGreaterThan(35);
  });
});

describe('when things go wrong', () => {
  test('a dead WebTransport is bridged by the WebSocket within a second', async () => {
    const { client, states } = await connecting();
    await network.run(10_000);
    network.blackholed.add('webtransport');
    await network.run(1_000);
    expect(client.stats().rung).toBe('websocket');
    expect(client.sample()?.newestTick).toBeGreaterThan(network.server.tick - 10);
    expect(states).toEqual(['connecting', 'playing']);
    network.blackholed.delete('webtransport');
    await network.run(60_000);
    expect(client.stats().rung).toBe('webtransport');
    expect(client.stats().rungChanges).toBeGreaterThanOrEqual(2);
  });

  test('an outage of all links is survived with the same session', async () => {
    const { client, states, log } = await connecting();
    await network.run(10_000);
    for (const rung of ['webtransport', 'webrtc', 'websocket'] as const) {
      network.blackholed.add(rung);
    }
    await network.run(15_000);
    expect(client.status).toMatchObject({ state: 'reconnecting', quality: 'gone' });
    network.blackholed.clear();
    await network.run(10_000);
    expect(states).toEqual(['connecting', 'playing', 'reconnecting', 'playing']);
    expect(network.server.sessions.size).toBe(1);
    expect(log).toEqual(['welcome token-1 42']);
  });

  test('a session that the server has lost is joined anew, once, and the app is told', async () => {
    const { client, log, states } = await connecting();
    await network.run(15_000);
    network.server.forget();
    network.blackholed.add('webtransport').add('websocket');
    await network.run(2_000);
    network.blackholed.clear();
    await network.run(10_000);
    expect(log).toEqual(['welcome token-1 42', 'welcome token-2 42']);
    expect(states).toEqual(['connecting', 'playing', 'reconnecting', 'playing']);
    expect(client.status).toMatchObject({ state: 'playing', quality: 'good' });
    expect(network.requests.filter((path) => path === '/v1/join')).toHaveLength(2);
  });

  test('leaving tells the server and closes all links', async () => {
    const { client, log } = await connecting();
    await network.run(5_000);
    client.leave();
    await network.run(1_000);
    expect(network.server.session.received).toEqual([{ kind: 'leave' }]);
    expect(network.server.session.links).toEqual([]);
    expect(log.at(-1)).toBe('closed left');
    expect(vi.getTimerCount()).toBe(1);
  });

  test('a server that stalls is followed smoothly once it goes on', async () => {
    const { client } = await connecting();
    for (let frame = 0; frame < 500; frame += 1) {
      await network.run(16);
      client.sample();
    }
    network.isServerStalled = true;
    await network.run(600);
    network.isServerStalled = false;
    let last = 0;
    for (let frame = 0; frame < 120; frame += 1) {
      await network.run(16);
      const sample = client.sample();
      const tick = sample?.tick ?? 0;
      if (frame > 25) {
        expect(sample?.isFrozen).toBe(false);
        expect(tick).toBeGreaterThan(last);
      }
      last = tick;
    }
    expect(network.server.tick - last).toBeLessThan(16);
    expect(client.stats().interpolationDelay).toBeLessThan(130);
  });

  test('on another network a further link is opened at once, before silence tells', async () => {
    const { client } = await connecting();
    await network.run(10_000);
    network.blackholed.add('webtransport');
    network.changeNetwork();
    await network.run(150);
    expect(client.stats().rung).toBe('webtransport');
    await network.run(350);
    expect(client.stats().rung).toBe('websocket');
    expect(client.stats().starvedFraction).toBeLessThan(0.04);
  });

  test('noise on every lane neither throws nor stops the game', async () => {
    const { client } = await connecting();
    await network.run(5_000);
    const random = network.host.random;
    for (let i = 0; i < 500; i += 1) {
      const noise = Uint8Array.from({ length: Math.floor(random() * 30) }, () => random() * 256);
      for (const link of network.server.session.links) {
        for (const socket of link.sockets.values()) {
          socket.state(noise);
        }
      }
      await network.run(20);
      client.sample();
    }
    const { counts } = client.stats();
    expect(counts.malformed + counts.undecodable + counts.duplicate).toBeGreaterThan(300);
    expect(client.status.state).toBe('playing');
  });

  test('a handler that throws does not stop the client', async () => {
    const errors: unknown[] = [];
    vi.stubGlobal('queueMicrotask', (task: () => void) => {
      try {
        task();
      } catch (error) {
        errors.push(error);
      }
    });
    const { client } = await connecting();
    client.on('welcome', () => {
      throw new Error('app bug');
    });
    await network.run(3_000);
    vi.unstubAllGlobals();
    expect(client.status.state).toBe('playing');
    expect(errors).toHaveLength(1);
  });
});

describe('a hidden page', () => {
  test('says so, expects nothing, and returns at now', async () => {
    const { client, states } = await connecting();
    await network.run(5_000);
    const starved = client.stats().starvedFraction;
    network.setHidden(true);
    await network.run(1_000);
    const { bytesOut } = client.stats();
    for (let second = 0; second < 59; second += 1) {
      client.sample();
      await network.run(1_000);
    }
    expect(client.stats().bytesOut - bytesOut).toBeLessThan(100);
    expect(client.stats().lossUp).toBe(0);
    expect(network.server.session.isHidden).toBe(true);
    expect(client.stats().links).toHaveLength(1);
    network.setHidden(false);
    await network.run(1_000);
    const sample = client.sample();
    expect(network.server.session.isHidden).toBe(false);
    expect(sample?.tick).toBeGreaterThan(network.server.tick - 30);
    expect(client.stats().starvedFraction).toBeCloseTo(starved, 2);
    expect(client.stats().rungChanges).toBe(0);
    expect(states).toEqual(['connecting', 'playing']);
  });
});
