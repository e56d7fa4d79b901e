import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GameClient } from '../../src/client.ts';
import { adapter, type View } from '../support/fake-game.ts';
import { FakeNetwork } from '../support/fake-network.ts';

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A client that is connecting, in a page that draws as often as its main thread lets it. */
function playing() {
  const client = new GameClient<View, number, number>({ adapter }, network.host);
  client.connect({ name: 'Ada' }).catch(() => undefined);
  const draw = (): void => {
    client.sample();
    network.host.setTimer(draw, 16);
  };
  draw();
  return { client };
}

/** The moves of the game from rung to rung. */
function moves(client: GameClient<View, number, number>): string[] {
  return client.stats().rungLog.map(({ to }) => String(to));
}

describe('a page that is busy itself', () => {
  test('does not blame the links for it', async () => {
    network.trips.webtransport = 12;
    const { client } = playing();
    while (client.stats().rung !== 'webtransport') {
      await network.run(5);
    }
    for (const busy of [700, 450, 1_500]) {
      await network.block(busy);
      await network.run(100);
    }
    await network.run(5_000);
    expect(moves(client)).toEqual(['websocket', 'webtransport']);
    expect(client.status.quality).toBe('good');
    expect(client.stats().standstill).toBeGreaterThan(2_600);
    expect(client.stats().standstill).toBeLessThan(2_800);
  });

  test('neither widens the delay nor ages the snapshots', async () => {
    const { client } = playing();
    for (let i = 0; i < 10; i += 1) {
      await network.run(400);
      await network.block(100 + 40 * i);
    }
    await network.run(4_000);
    const stats = client.stats();
    expect(stats.interpolationDelay).toBeLessThan(70);
    expect(stats.snapshotAge.p99).toBeLessThan(60);
    expect(stats.jitter).toBeLessThan(10);
    expect(stats.rtt).toBeLessThan(60);
    expect(stats.starvedFraction).toBe(0);
  });

  test('has its inputs in time again at once', async () => {
    const { client } = playing();
    await network.run(75);
    await network.block(1_000);
    await network.run(400);
    const { session } = network.server;
    session.missedInputs = 0;
    await network.run(3_000);
    expect(session.missedInputs).toBeLessThan(3);
    expect(client.stats().inputLead).toBeGreaterThan(0);
    expect(client.stats().inputLead).toBeLessThan(6);
  });

  test('still tells when the network is at fault', async () => {
    const { client } = playing();
    await network.run(6_000);
    for (let i = 0; i < 8; i += 1) {
      await network.gap(300);
      await network.run(200);
    }
    const stats = client.stats();
    expect(stats.interpolationDelay).toBeGreaterThan(90);
    expect(stats.starvedFraction).toBeGreaterThan(0.03);
    network.blackholed.add('webtransport');
    await network.run(1_500);
    expect(moves(client).at(-1)).toBe('websocket');
  });

  test('that never runs freely still tells a path that is slow from one that is not', async () => {
    const { client } = playing();
    for (let i = 0; i < 120; i += 1) {
      await network.block(90);
      await network.run(1);
    }
    expect(client.stats().rtt).toBeGreaterThan(45);
    expect(client.stats().snapshotAge.p99).toBeGreaterThan(0);
    expect(client.stats().interpolationDelay).toBeLessThan(80);
    for (let i = 0; i < 120; i += 1) {
      network.quality.delay = i % 3 === 0 ? 200 : 25;
      await network.block(90);
      await network.run(1);
    }
    expect(client.stats().interpolationDelay).toBeGreaterThan(100);
  });
});
