import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClientOptions } from '../../src/events.ts';
import type { View } from '../support/fake-game.ts';
import { FakeNetwork } from '../support/fake-network.ts';
import { connect } from '../support/observed-client.ts';

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A client that plays, and its events with the tick that was shown when each was told. */
async function playing(options: Partial<ClientOptions<View, number, number>>) {
  const connected = connect(network, { name: 'Ada' }, options);
  const { client } = connected;
  const events: { tick: number; byte: number | undefined; shown: number }[] = [];
  let shown = 0;
  client.on('event', ({ tick, bytes }) => events.push({ tick, byte: bytes[0], shown }));
  const frames = async (count: number) => {
    for (let frame = 0; frame < count; frame += 1) {
      await network.run(16);
      shown = client.sample()?.tick ?? 0;
    }
  };
  return { ...connected, events, frames };
}

describe('events', () => {
  test('on arrival come before the picture has reached their tick', async () => {
    const { events, frames } = await playing({});
    await frames(200);
    const { tick } = network.server;
    network.server.event(tick, 1);
    await frames(30);
    expect(events).toMatchObject([{ tick, byte: 1 }]);
    expect(events[0]?.shown).toBeLessThan(tick);
  });

  test('at their tick come in the frame that shows it, in order', async () => {
    const { events, frames } = await playing({ eventDelivery: 'at-tick' });
    await frames(200);
    const { tick } = network.server;
    network.server.event(tick, 1);
    network.server.event(tick + 1, 2);
    await frames(5);
    expect(events).toEqual([]);
    await frames(30);
    expect(events.map(({ byte }) => byte)).toEqual([1, 2]);
    for (const event of events) {
      // The frame before was short of it by less than a frame and the clock's own slewing.
      expect(event.shown).toBeLessThan(event.tick);
      expect(event.shown).toBeGreaterThan(event.tick - 2);
    }
  });

  test('at their tick come at once before the first sample', async () => {
    const { events } = await playing({ eventDelivery: 'at-tick' });
    await network.run(150);
    network.server.event(network.server.tick + 100, 1);
    await network.run(1_000);
    expect(events).toMatchObject([{ byte: 1 }]);
  });

  test('of which too many wait come from the oldest on', async () => {
    const { events, frames } = await playing({ eventDelivery: 'at-tick' });
    await frames(200);
    const later = network.server.tick + 10_000;
    for (let i = 0; i < 250; i += 1) {
      network.server.event(later, i);
    }
    await frames(30);
    expect(events).toEqual([]);
    for (let i = 250; i < 266; i += 1) {
      network.server.event(later, i);
    }
    await frames(30);
    expect(events.map(({ byte }) => byte)).toEqual(Array.from({ length: 10 }, (_, i) => i));
  });

  test('that wait when the session ends come before the end is told', async () => {
    const { log, client, frames } = await playing({ eventDelivery: 'at-tick' });
    client.on('event', ({ bytes }) => log.push(`event ${bytes[0]}`));
    await frames(200);
    network.server.event(network.server.tick + 500, 7);
    network.server.end('token-1', 'room-ended');
    await frames(60);
    expect(log).toEqual(['welcome token-1 pond', 'event 7', 'closed room-ended']);
  });
});
