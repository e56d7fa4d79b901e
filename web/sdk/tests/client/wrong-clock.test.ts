/** A page whose own clock is wrong: the game goes on, and the server gets no flood. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GameClient } from '../../src/client.ts';
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

type Client = GameClient<View, number, number>;

async function playing(): Promise<Client> {
  const client: Client = new GameClient({ adapter }, network.host);
  client.connect({ name: 'Ada' }).catch(() => undefined);
  await network.run(8_000);
  return client;
}

/** What the player sees in so many milliseconds of the world, a frame each 16. */
async function watch(client: Client, milliseconds: number) {
  const seen = { frames: 0, moved: 0, frozen: 0, back: 0, behind: 0 };
  const { session } = network.server;
  const before = session.datagrams;
  let last = Number.NEGATIVE_INFINITY;
  for (let time = 0; time < milliseconds; time += 16) {
    await network.run(16);
    const sample = client.sample();
    const own = sample?.own;
    const shown = sample?.tick ?? Number.NaN;
    expect(Number.isFinite(shown)).toBe(true);
    expect(Number.isFinite(own?.x ?? Number.NaN)).toBe(true);
    seen.frames += 1;
    seen.moved += shown > last ? 1 : 0;
    seen.back += shown < last ? 1 : 0;
    seen.frozen += sample?.isFrozen === true ? 1 : 0;
    seen.behind = Math.max(seen.behind, network.server.tick - shown);
    last = shown;
  }
  for (const value of Object.values(client.stats())) {
    expect(typeof value === 'number' && Number.isNaN(value)).toBe(false);
  }
  return { ...seen, datagramsPerSecond: (session.datagrams - before) / (milliseconds / 1_000) };
}

describe.each([0.5, 2])('a clock at %d times the speed', (speed) => {
  test('is found out within five seconds; then the picture runs as ever', async () => {
    const client = await playing();
    network.clock.run(speed);
    const first = await watch(client, 6_000 / Math.min(1, speed));
    expect(first.datagramsPerSecond).toBeLessThan(130);
    await watch(client, 10_000);
    const { session } = network.server;
    const missed = session.missedInputs;
    const later = await watch(client, 20_000);
    expect(later.frozen / later.frames).toBeLessThan(0.02);
    expect(later.moved / later.frames).toBeGreaterThan(0.95);
    expect(later.behind).toBeLessThan(25);
    expect(later.datagramsPerSecond).toBeLessThan(70);
    expect((session.missedInputs - missed) / (20 * 60)).toBeLessThan(0.05);
  });

  test('is never a wrong state on the other side', async () => {
    const client = await playing();
    network.clock.run(speed);
    client.setInput(3);
    await watch(client, 20_000);
    network.clock.run(1);
    await watch(client, 20_000);
    const sample = client.sample();
    expect(sample?.from.world).toBe(FakeServer.worldAt(sample?.fromTick ?? 0));
    expect(client.stats().counts.undecodable).toBe(0);
    expect(client.status).toMatchObject({ state: 'playing', quality: 'good' });
    // The server steps once a tick with one input, whatever the client claims.
    expect(network.server.session.own).toBeLessThanOrEqual(3 * network.server.tick);
  });
});

describe('a clock that jumps an hour', () => {
  test('costs a moment, no more, and floods nobody', async () => {
    const client = await playing();
    network.clock.jump(3_600_000);
    const after = await watch(client, 3_000);
    expect(after.datagramsPerSecond).toBeLessThan(65);
    expect(after.frozen / after.frames).toBeLessThan(0.15);
    expect(after.behind).toBeLessThan(30);
    expect(client.status).toMatchObject({ state: 'playing', quality: 'good' });
    expect(client.stats().starvedFraction).toBeLessThan(0.01);
    const { session } = network.server;
    const missed = session.missedInputs;
    await watch(client, 5_000);
    expect(session.missedInputs - missed).toBeLessThan(15);
    expect(client.stats().inputLead).toBeGreaterThan(0);
  });

  test('while it sleeps for that hour, it comes back into its seat or another', async () => {
    const client = await playing();
    network.path.isGone = true;
    await network.run(100);
    network.path.isGone = false;
    network.clock.jump(3_600_000);
    network.server.forget();
    await watch(client, 200).catch(() => undefined);
    await network.run(6_000);
    expect(client.status.state).not.toBe('closed');
  });

  test('before anything has come in, does not end the connect', async () => {
    const client: Client = new GameClient({ adapter }, network.host);
    client.connect({ name: 'Ada' }).catch(() => undefined);
    await network.run(30);
    network.clock.jump(3_600_000);
    await network.run(2_000);
    expect(client.status.state).toBe('playing');
  });
});
