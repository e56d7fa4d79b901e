import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GameClient } from '../../src/client.ts';
import type { ClientOptions } from '../../src/events.ts';
import { adapter, type View } from '../support/fake-game.ts';
import { FakeNetwork } from '../support/fake-network.ts';

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
});

afterEach(() => {
  vi.useRealTimers();
});

async function connecting(options: Partial<ClientOptions<View, number, number>>) {
  const client = new GameClient<View, number, number>({ adapter, ...options }, network.host);
  const sessions: string[] = [];
  client.on('welcome', ({ session }) => sessions.push(session));
  client.connect({ name: 'Ada' }).catch(() => undefined);
  await vi.dynamicImportSettled();
  return { client, sessions };
}

describe('a client on a bad path', () => {
  test('loses and delays as its profile says', async () => {
    const { client } = await connecting({ emulate: 'awful', rung: 'webtransport' });
    await network.run(30_000);
    const stats = client.stats();
    expect(stats.loss).toBeGreaterThan(0.08);
    expect(stats.rtt).toBeGreaterThan(2 * 100);
    expect(stats.snapshots).toBeGreaterThan(300);
  });

  test('is without news in a handover, on all rungs, and plays on after it', async () => {
    const { client, sessions } = await connecting({ emulate: 'handover' });
    await network.run(10_300);
    const before = client.stats().snapshots;
    await network.run(2_600);
    expect(client.stats().snapshots).toBe(before);
    await network.run(2_000);
    expect(client.stats().snapshots).toBeGreaterThan(before + 20);
    expect(sessions).toEqual(['token-1']);
  });

  test('that leaves while the emulator is loaded asks the server for nothing', async () => {
    const client = new GameClient<View, number, number>(
      { adapter, emulate: 'awful' },
      network.host,
    );
    const left = expect(client.connect({ name: 'Ada' })).rejects.toMatchObject({ reason: 'left' });
    client.leave();
    await left;
    await vi.dynamicImportSettled();
    await network.run(1_000);
    expect(network.requests).toEqual([]);
  });
});
