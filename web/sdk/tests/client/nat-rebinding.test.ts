/** A NAT that forgets its mappings time and again, where WebRTC is all there is and does not follow. */

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

type Client = GameClient<View, number, number>;

async function playing(): Promise<Client> {
  const client: Client = new GameClient({ adapter, rung: 'webrtc' }, network.host);
  client.connect({ name: 'Ada' }).catch(() => undefined);
  await network.run(10_000);
  return client;
}

/** The longest time without a newer snapshot in so many milliseconds. */
async function longestGap(client: Client, milliseconds: number): Promise<number> {
  let newest = client.sample()?.newestTick ?? 0;
  let since = performance.now();
  let longest = 0;
  const until = since + milliseconds;
  while (performance.now() < until) {
    await network.run(10);
    const tick = client.sample()?.newestTick ?? 0;
    if (tick > newest) {
      longest = Math.max(longest, performance.now() - since);
      newest = tick;
      since = performance.now();
    }
  }
  return Math.max(longest, performance.now() - since);
}

// A fresh link takes a silence of 200 ms, eight trips of 25 ms, and the first snapshot.
const BACK_MS = 550;

describe('a NAT that rebinds again', () => {
  test.each([
    ['six seconds', 6_000, 4],
    ['two seconds', 2_000, 10],
    ['less than a second', 900, 10],
  ])('after %s is answered by a fresh link each time', async (_, pause, times) => {
    const client = await playing();
    for (let round = 0; round < times; round += 1) {
      network.path.rebind();
      expect(await longestGap(client, pause)).toBeLessThanOrEqual(
        BACK_MS + (pause < 1_000 ? 300 : 0),
      );
      expect(client.stats().links.length).toBeLessThanOrEqual(4);
    }
    await network.run(20_000);
    expect(client.stats().links).toHaveLength(1);
    expect(client.status.state).toBe('playing');
  });

  test('right after the first does not wait for anything either', async () => {
    const client = await playing();
    network.path.rebind();
    await network.run(430);
    network.path.rebind();
    expect(await longestGap(client, 3_000)).toBeLessThanOrEqual(1_000);
  });
});

test('an outage makes no storm of connects', async () => {
  const client = await playing();
  const { requests } = network;
  const before = requests.length;
  await network.gap(30_000);
  const tries = requests.length - before;
  expect(tries).toBeGreaterThan(10);
  expect(tries).toBeLessThanOrEqual(50);
  expect(await longestGap(client, 10_000)).toBeLessThanOrEqual(1_500);
  await network.run(20_000);
  expect(client.stats().links).toHaveLength(1);
});
