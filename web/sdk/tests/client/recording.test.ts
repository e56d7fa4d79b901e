import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GameClient } from '../../src/client.ts';
import type { RungKind } from '../../src/rung.ts';
import { adapter, type View } from '../support/fake-game.ts';
import { FakeNetwork } from '../support/fake-network.ts';
import { rowsOf } from '../support/two-ends.ts';

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
});

afterEach(() => {
  vi.useRealTimers();
});

function playing(rung?: RungKind) {
  const client = new GameClient<View, number, number>({ adapter, rung }, network.host);
  client.connect({ name: 'Ada' }).catch(() => undefined);
  const rows = () => rowsOf(client.recording());
  const lost = () => rows().filter(({ delay }) => delay === undefined);
  const longest = () => Math.max(...rows().map(({ delay }) => delay ?? 0));
  return { client, rows, lost, longest };
}

describe("a client's recording", () => {
  test('tells what the path does, both ways', async () => {
    const { rows, lost } = playing('webtransport');
    await network.run(20_000);
    expect(lost()).toEqual([]);
    for (const direction of ['down', 'up']) {
      const delays = rows().filter((row) => row.direction === direction && row.at > 2_000);
      expect(delays.length).toBeGreaterThan(200);
      for (const { delay } of delays) {
        expect(delay).toBeGreaterThan(20);
        expect(delay).toBeLessThan(40);
      }
    }
  });

  test('tells how much is lost', async () => {
    const { client, rows, lost } = playing('webtransport');
    network.quality.loss = 0.1;
    await network.run(120_000);
    const down = lost().filter(({ direction }) => direction === 'down').length;
    const { first, newest, received } = client.stats().sequences;
    // The last five seconds are still open.
    expect(Math.abs(down - (newest - first + 1 - received))).toBeLessThan(25);
    const up = rows().filter(({ direction }) => direction === 'up');
    const share = up.filter(({ delay }) => delay === undefined).length / up.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  });

  test('counts what comes on two links once', async () => {
    network.trips.webtransport = 12;
    const { client, rows } = playing();
    await network.run(15_000);
    expect(client.stats().counts.duplicate).toBeGreaterThan(0);
    const down = rows().filter(({ direction }) => direction === 'down');
    expect(down.length).toBeLessThanOrEqual(15 * 20);
  });

  test('leaves a busy page and a hidden one out', async () => {
    const { client, rows, lost, longest } = playing('webtransport');
    await network.run(10_000);
    await network.block(2_500);
    await network.run(10_000);
    network.setHidden(true);
    await network.run(60_000);
    network.setHidden(false);
    await network.run(10_000);
    expect(client.status.state).toBe('playing');
    expect(lost()).toEqual([]);
    expect(longest()).toBeLessThan(60);
    expect(rows().at(-1)?.at).toBeGreaterThan(25_000);
    expect(rows().at(-1)?.at).toBeLessThan(32_500);
  });

  test('takes no noise for snapshots', async () => {
    const { rows, lost, longest } = playing('webtransport');
    await network.run(5_000);
    const { random } = network.host;
    for (let i = 0; i < 200; i += 1) {
      const noise = Uint8Array.from(
        { length: 9 + Math.floor(random() * 30) },
        () => random() * 256,
      );
      for (const socket of network.server.session.links.flatMap(({ sockets }) => [
        ...sockets.values(),
      ])) {
        socket.state(noise);
      }
      await network.run(50);
    }
    expect(rows().filter(({ direction }) => direction === 'down').length).toBeLessThan(15 * 21);
    expect(lost()).toEqual([]);
    expect(longest()).toBeLessThan(60);
  });

  test('goes on in the session after a lost one', async () => {
    const { client, rows } = playing('websocket');
    await network.run(20_000);
    network.server.sessions.clear();
    for (const socket of network.sockets) {
      socket.fail();
    }
    await network.run(20_000);
    expect(client.stats().sequences.first).toBeLessThan(10);
    const down = rows().filter(({ direction }) => direction === 'down');
    expect(down.at(-1)?.at).toBeGreaterThan(30_000);
    expect(down.filter(({ at }) => at > 25_000).length).toBeGreaterThan(100);
  });

  test('is there before the join and after the end', async () => {
    const { client, rows } = playing('webtransport');
    expect(rows()).toEqual([]);
    await network.run(20_000);
    client.leave();
    await network.run(20_000);
    expect(rows().length).toBeGreaterThan(500);
    expect(rows().at(-1)?.at).toBeLessThan(20_000);
  });
});
