/** A page that has no time again and again: what it misses by itself is not the network's fault. */

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

/** A client that has played for a while, and all that was said of its connection since. */
async function playing() {
  const client: Client = new GameClient({ adapter }, network.host);
  client.connect({ name: 'Ada' }).catch(() => undefined);
  await network.run(10_000);
  const qualities = new Set<string>();
  client.on('status', ({ quality }) => qualities.add(quality));
  return { client, qualities };
}

/** The page stands still for 200 to 400 ms of each 400 to 600, so many times. */
async function stutter(times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    await network.block(200 + ((i * 70) % 210));
    await network.run(200);
  }
}

function links(client: Client): string[] {
  return client.stats().links.map(({ rung, state }) => `${rung} ${state}`);
}

describe('a page that stands still again and again', () => {
  test('finds no fault with the network, and says that it is busy itself', async () => {
    const { client, qualities } = await playing();
    await stutter(80);
    const { loss, lossUp, starvedFraction, inputCopies } = client.stats();
    expect(loss).toBe(0);
    expect(lossUp).toBeLessThan(0.01);
    expect(starvedFraction).toBeLessThan(0.01);
    expect(inputCopies).toBe(1);
    expect([...qualities]).toEqual(['busy']);
    expect(links(client)).toEqual(['webtransport active']);
    expect(client.stats().rungLog).toHaveLength(1);
    await network.run(6_000);
    expect(client.status.quality).toBe('good');
  });

  test('takes no silence for starving that is its own, whoever asks first', async () => {
    const { client } = await playing();
    let starved = 1;
    await network.thread.block(
      async () => {
        await network.run(2_000);
        starved = client.stats().starvedFraction;
      },
      () => network.run(0),
    );
    expect(starved).toBeLessThan(0.01);
  });

  test('does not count as lost what the browser drops because nobody reads it', async () => {
    const { client, qualities } = await playing();
    for (let i = 0; i < 5; i += 1) {
      await network.block(2_500);
      await network.run(500);
    }
    expect(network.thread.dropped).toBeGreaterThan(60);
    const { loss, missedByPage, sequences } = client.stats();
    expect(sequences.newest - sequences.received).toBeGreaterThan(60);
    expect(loss).toBeLessThan(0.01);
    expect(missedByPage).toBeGreaterThan(0.15);
    expect(qualities.has('bad')).toBe(false);
    expect(links(client)).toEqual(['webtransport active']);
  });

  test('tells the server, at most each 250 ms and for the whole time', async () => {
    await playing();
    const { stalls } = network.server.session;
    stalls.length = 0;
    await stutter(20);
    expect(stalls.length).toBeGreaterThanOrEqual(18);
    expect(stalls.length).toBeLessThanOrEqual(20);
    expect(Math.min(...stalls)).toBeGreaterThanOrEqual(200);
    stalls.length = 0;
    for (let i = 0; i < 20; i += 1) {
      await network.block(90);
      await network.run(10);
    }
    expect(stalls.length).toBeLessThanOrEqual(9);
    const log = stalls.reduce((sum, millis) => sum + millis, 0);
    expect(log).toBeGreaterThan(1_500);
  });

  test('tells nothing while it runs freely, nor of its start, nor while it is hidden', async () => {
    const client: Client = new GameClient({ adapter }, network.host);
    client.connect({ name: 'Ada' }).catch(() => undefined);
    await network.run(150);
    await network.block(300);
    await network.run(3_000);
    network.setHidden(true);
    await network.block(1_000);
    await network.run(5_000);
    network.setHidden(false);
    await network.run(3_000);
    expect(network.server.session.stalls).toEqual([]);
    expect(client.status.quality).toBe('good');
  });
});

describe('a network that loses 18 %', () => {
  test('is told from an idle page', async () => {
    const { client, qualities } = await playing();
    network.quality.loss = 0.18;
    await network.run(30_000);
    const { loss, lossUp, missedByPage } = client.stats();
    expect(loss).toBeGreaterThan(0.13);
    expect(loss).toBeLessThan(0.23);
    expect(lossUp).toBeGreaterThan(0.1);
    expect(missedByPage).toBe(0);
    expect(qualities.has('busy')).toBe(false);
  });

  test('is told from a busy page as well, for its part only', async () => {
    const { client, qualities } = await playing();
    network.quality.loss = 0.18;
    for (let i = 0; i < 10; i += 1) {
      await network.block(2_500);
      await stutter(3);
    }
    expect(network.thread.dropped).toBeGreaterThan(60);
    const { loss, missedByPage, sequences } = client.stats();
    expect(loss).toBeGreaterThan(0.1);
    expect(loss).toBeLessThan(0.21);
    expect(missedByPage).toBeGreaterThan(0.08);
    expect(1 - sequences.received / (sequences.newest - sequences.first + 1)).toBeGreaterThan(0.2);
    expect(qualities.has('busy') || qualities.has('bad')).toBe(true);
  });
});
