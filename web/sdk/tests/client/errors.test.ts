/** Mistakes of a game's or its server are told, and the client plays on. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClientErrorEvent, ErrorKind } from '../../src/client-error.ts';
import type { ClientOptions } from '../../src/events.ts';
import { DecodeError } from '../../src/protocol/codec.ts';
import { MAX_ACTION } from '../../src/protocol/limits.ts';
import { adapter, type View } from '../support/fake-game.ts';
import { FakeNetwork } from '../support/fake-network.ts';
import { connect } from '../support/observed-client.ts';

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A client that has been connected, with the errors it tells. */
async function playing(options: Partial<ClientOptions<View, number, number>> = {}) {
  const connected = connect(network, { name: 'Ada' }, options);
  const errors: ClientErrorEvent[] = [];
  connected.client.on('error', (error) => errors.push(error));
  await network.run(3_000);
  const of = (kind: ErrorKind) => errors.filter((error) => error.kind === kind);
  return { ...connected, errors, of };
}

describe('a game that plays well', () => {
  test('has no errors, on a bad path and over a standstill either', async () => {
    network.quality.loss = 0.1;
    const { errors } = await playing();
    await network.block(4_000);
    await network.run(20_000);
    await network.gap(5_000);
    await network.run(5_000);
    network.setHidden(true);
    await network.run(10_000);
    network.setHidden(false);
    await network.run(5_000);
    expect(errors).toEqual([]);
  });
});

describe('a decodeDelta', () => {
  test('that throws costs its snapshots, and the error names what it threw', async () => {
    let isBroken = false;
    const decodeDelta: typeof adapter.decodeDelta = (...args) => {
      if (isBroken) {
        throw new TypeError('no such circle');
      }
      return adapter.decodeDelta(...args);
    };
    const { client, of, states } = await playing({ adapter: { ...adapter, decodeDelta } });
    isBroken = true;
    await network.run(500);
    isBroken = false;
    await network.run(5_000);
    expect(of('decode-failed')).toMatchObject([
      { message: 'decodeDelta threw TypeError: no such circle', count: 1 },
    ]);
    expect(client.stats().counts.undecodable).toBeGreaterThan(5);
    expect(client.stats().rungChanges).toBe(0);
    expect(client.stats().snapshotRate).toBeGreaterThan(15);
    expect(states).toEqual(['connecting', 'playing']);
  });

  test('that refuses a few snapshots is no error, one that refuses twenty in a row is', async () => {
    let refusals = 0;
    const decodeDelta: typeof adapter.decodeDelta = (...args) => {
      if (refusals > 0) {
        refusals -= 1;
        throw new DecodeError('malformed');
      }
      return adapter.decodeDelta(...args);
    };
    const { errors, of } = await playing({ adapter: { ...adapter, decodeDelta } });
    refusals = 15;
    await network.run(3_000);
    expect(errors).toEqual([]);
    refusals = 25;
    await network.run(3_000);
    expect(of('undecodable')).toHaveLength(1);
    expect(of('undecodable')[0]?.message).toContain('20 snapshots in a row');
  });
});

describe('an encodeInput', () => {
  test('that throws sends the neutral input, and sample() goes on', async () => {
    const { client, of } = await playing();
    client.setInput(1_000);
    for (let frame = 0; frame < 100; frame += 1) {
      await network.run(16);
      expect(client.sample()).toBeDefined();
    }
    expect(of('encode-failed')[0]?.message).toContain('RangeError: 1000 is not a whole number');
    expect([...network.server.session.inputs.values()].slice(-10)).toEqual(Array(10).fill(0));
    expect(network.server.session.missedInputs).toBeLessThan(30);
  });

  test('that writes more than a datagram has room for is told', async () => {
    const encodeInput: typeof adapter.encodeInput = (writer, input) =>
      void writer.i8(input).raw(new Uint8Array(input === 0 ? 0 : 2_000));
    const { client, of } = await playing({ adapter: { ...adapter, encodeInput } });
    client.setInput(1);
    await network.run(1_000);
    expect(of('encode-failed')[0]?.message).toContain('an input of 2001 bytes is over 985');
    expect(client.status).toMatchObject({ state: 'playing', quality: 'good' });
  });
});

test('a prediction that throws leaves the figure where it is', async () => {
  const { prediction } = adapter;
  const step = () => {
    throw new Error('no floor');
  };
  const { client, of } = await playing({
    adapter: { ...adapter, ...(prediction && { prediction: { ...prediction, step } }) },
  });
  expect(of('prediction-failed')[0]?.message).toBe('prediction.step threw Error: no floor');
  expect(client.sample()?.own?.current).toBe(0);
  expect(client.stats().rungChanges).toBe(0);
});

describe('an action', () => {
  test('of the largest size gets there, and a larger one is refused at once', async () => {
    const { client } = await playing();
    client.action(new Uint8Array(MAX_ACTION));
    expect(() => client.action(new Uint8Array(MAX_ACTION + 1))).toThrow(
      new RangeError('an action of 16375 bytes is over 16374'),
    );
    await network.run(1_000);
    const { received } = network.server.session;
    expect(received.map((message) => message.kind === 'action' && message.action.length)).toEqual([
      MAX_ACTION,
    ]);
  });

  test('is dropped with a word while too many wait, and while there is no session', async () => {
    const { client, of } = await playing();
    for (const rung of ['webtransport', 'webrtc', 'websocket'] as const) {
      network.blackholed.add(rung);
    }
    for (let i = 0; i < 300; i += 1) {
      client.action(new Uint8Array([i & 0xff]));
    }
    expect(of('action-dropped')).toMatchObject([
      { count: 1, message: 'an action was dropped: too many wait already' },
    ]);
    await network.run(11_000);
    expect(of('action-dropped').at(-1)?.count).toBe(300 - 256);
    client.leave();
    client.action(new Uint8Array([1]));
    expect(of('action-dropped')).toHaveLength(2);
  });
});

describe('a server that answers and', () => {
  test('sends no snapshots is told of, and the connection does not count as good', async () => {
    network.server.isMute = true;
    const { client, of } = await playing({ rung: 'webtransport' });
    expect(client.status.quality).toBe('good');
    await network.run(2_000);
    expect(of('no-snapshots')).toHaveLength(1);
    expect(client.status).toMatchObject({ state: 'connecting', quality: 'bad' });
    network.server.isMute = false;
    await network.run(2_000);
    expect(client.status).toMatchObject({ state: 'playing', quality: 'good' });
    expect(of('no-snapshots')).toHaveLength(1);
  });

  test('stops to send snapshots is told of', async () => {
    const { of } = await playing();
    network.server.isMute = true;
    await network.run(4_500);
    expect(of('no-snapshots')).toHaveLength(1);
  });

  test('takes no input is told of, and the connection counts as bad', async () => {
    network.server.isDeaf = true;
    const { client, of } = await playing();
    await network.run(2_000);
    expect(of('inputs-unread')).toHaveLength(1);
    expect(client.status).toMatchObject({ state: 'playing', quality: 'bad' });
    network.server.isDeaf = false;
    await network.run(3_000);
    expect(client.status.quality).toBe('good');
  });
});

describe('errors', () => {
  test('of one kind come at most each ten seconds, with their count', async () => {
    const { client, of } = await playing();
    client.setInput(1_000);
    await network.run(25_000);
    const counts = of('encode-failed').map(({ count }) => count);
    expect(counts).toHaveLength(3);
    expect(counts[0]).toBe(1);
    expect(counts[2]).toBeGreaterThan((counts[1] ?? 0) + 200);
  });

  test('say what to do', async () => {
    const { client, errors } = await playing();
    client.setInput(1_000);
    await network.run(100);
    expect(errors[0]?.remedy).toContain('encodeInput');
  });

  test.each([
    [{ origin: 'http://localhost:8080' }, 1],
    [{ origin: 'http://127.0.0.1' }, 1],
    [{ origin: 'http://localhost:8080', development: false }, 0],
    [{ origin: 'https://localhost.example' }, 0],
    [{}, 0],
    [{ development: true }, 1],
  ])('with %o are written to the console %d times', async (options, times) => {
    const { client } = await playing(options);
    client.setInput(1_000);
    await network.run(15_000);
    expect(network.consoleErrors).toHaveLength(times);
  });
});
