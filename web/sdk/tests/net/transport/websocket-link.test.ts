import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Link, LinkEvents } from '../../../src/net/transport/link.ts';
import { openWebSocketLink } from '../../../src/net/transport/websocket-link.ts';
import { decodeClientFrame, encodeServerFrame } from '../../../src/protocol/control.ts';
import { FakeNetwork } from '../../support/fake-network.ts';
import type { FakeWebSocket } from '../../support/fake-websocket.ts';

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A bundle that is being opened, and all it tells. */
function open(token: Promise<string> = Promise.resolve(network.server.join())) {
  const log: string[] = [];
  const events: LinkEvents = {
    answered: () => log.push('answered'),
    attached: () => log.push('attached'),
    state: (datagram) => log.push(`state ${datagram.bytes.length > 0}`),
    frame: (frame) => log.push(frame.kind),
    controlMoved: () => log.push('control moved'),
    closed: ({ reason }) => log.push(`closed ${reason}`),
  };
  let ids = 0;
  const takeId = () => {
    ids += 1;
    return ids;
  };
  const ticket = { token, takeId };
  const link = openWebSocketLink(network.host, 'wss://play.example', ticket, events);
  return { link, log };
}

function datagram(sequence: number): Uint8Array {
  return new Uint8Array([sequence & 0xff, sequence >> 8, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0]);
}

/** An early datagram of the server comes in after newer ones. */
function comeLate(sequence: number): void {
  const { buffer } = new Uint8Array([0, ...datagram(sequence), 0]);
  network.sockets[1]?.onmessage?.({ data: buffer });
}

/** Sequences of the datagrams that went down each socket. */
function stateSent(): number[][] {
  return network.sockets.map(({ sent }) =>
    sent.filter(([tag]) => tag === 0).map((message) => (message[1] ?? 0) + (message[2] ?? 0) * 256),
  );
}

function controlSent(socket: FakeWebSocket | undefined): string[] {
  return (socket?.sent ?? [])
    .filter(([tag]) => tag === 1)
    .map((message) => decodeClientFrame(message.slice(1)).kind);
}

async function opened(): Promise<{ link: Link; log: string[] }> {
  const bundle = open();
  await network.run(300);
  expect(bundle.link.stripes).toBe(3);
  return bundle;
}

describe('a bundle', () => {
  test('attaches three sockets as stripes of one link', async () => {
    const { log } = await opened();
    const attaches = network.sockets.map(({ sent }) =>
      decodeClientFrame(sent[0]?.slice(1) ?? new Uint8Array()),
    );
    expect(attaches).toEqual(
      [0, 1, 2].map((stripe) => ({ kind: 'attach', token: 'token-1', link: 1, stripe })),
    );
    expect(log.filter((line) => line === 'attached')).toHaveLength(1);
    expect(log).toContain('state true');
  });

  test('waits with the attach for the token', async () => {
    let give: (token: string) => void = () => undefined;
    const { log } = open(
      new Promise((resolve) => {
        give = resolve;
      }),
    );
    await network.run(1_000);
    expect(network.sockets.flatMap(({ sent }) => sent)).toEqual([]);
    give(network.server.join());
    await network.run(100);
    expect(log[0]).toBe('attached');
  });

  test('plays as soon as one socket is attached, and opens the rest behind it', async () => {
    const { link, log } = open();
    expect(network.sockets).toHaveLength(1);
    await network.run(5 * 25);
    expect(network.sockets).toHaveLength(3);
    network.sockets[1]?.fail();
    network.sockets[2]?.fail();
    await network.run(60);
    expect(log).toContain('attached');
    link.sendState(datagram(7));
    expect(stateSent()).toEqual([[7], [], []]);
  });

  test('stripes State by sequence and keeps Control on one socket', async () => {
    const { link } = await opened();
    for (let sequence = 0; sequence < 7; sequence += 1) {
      link.sendState(datagram(sequence));
    }
    link.sendControl(new Uint8Array([2, 1]));
    expect(stateSent()).toEqual([
      [0, 3, 6],
      [1, 4],
      [2, 5],
    ]);
    expect(network.sockets.map((socket) => controlSent(socket).length)).toEqual([2, 1, 1]);
  });

  test('goes around a socket that is stuck', async () => {
    const { link } = await opened();
    const stuck = network.sockets[1];
    if (stuck !== undefined) {
      stuck.bufferedAmount = 100;
    }
    for (let sequence = 0; sequence < 6; sequence += 1) {
      link.sendState(datagram(sequence));
    }
    expect(stateSent()).toEqual([[0, 3], [], [1, 2, 4, 5]]);
    expect(link.counters.unsent).toBe(0);
  });

  test('keeps only the newest datagram while all are stuck, and sends it when one drains', async () => {
    const { link } = await opened();
    for (const socket of network.sockets) {
      socket.bufferedAmount = 100;
    }
    for (let sequence = 0; sequence < 6; sequence += 1) {
      link.sendState(datagram(sequence));
      await network.run(20);
    }
    expect(stateSent()).toEqual([[], [], []]);
    expect(link.counters.unsent).toBe(5);
    for (const socket of network.sockets) {
      socket.bufferedAmount = 0;
    }
    await network.run(20);
    expect(stateSent().flat()).toEqual([5]);
  });

  test('goes on with what is left, and says that Control has moved', async () => {
    const { link, log } = await opened();
    network.sockets[0]?.fail();
    expect(log).toContain('control moved');
    link.sendControl(new Uint8Array([2, 9]));
    expect(controlSent(network.sockets[1])).toEqual(['attach', 'ping']);
    network.sockets[2]?.fail();
    expect(log.filter((line) => line === 'control moved')).toHaveLength(1);
    for (let sequence = 0; sequence < 3; sequence += 1) {
      link.sendState(datagram(sequence));
    }
    expect(stateSent()[1]).toEqual([0, 1, 2]);
    network.sockets[1]?.fail();
    expect(log.at(-1)).toBe('closed lost');
  });

  test('gives the share of a socket that is stuck to the others, and looks after it', async () => {
    const { link } = await opened();
    const stuck = network.sockets[1];
    if (stuck !== undefined) {
      stuck.isDead = true;
    }
    for (let sequence = 0; sequence < 90; sequence += 1) {
      link.sendState(datagram(sequence));
      await network.run(33);
    }
    const onStuck = stateSent()[1]?.length ?? 0;
    // At first until the others are acknowledged; then one each quarter of a second.
    expect(onStuck).toBeGreaterThanOrEqual(10);
    expect(onStuck).toBeLessThanOrEqual(16);
    expect(stateSent().flat()).toHaveLength(90);
  });

  test('opens another socket for one that died, in a place that is free', async () => {
    const { link } = await opened();
    network.sockets[1]?.fail();
    expect(link.stripes).toBe(2);
    await network.run(1_500);
    expect(link.stripes).toBe(3);
    expect(network.server.session.links.map(({ sockets }) => sockets.size)).toEqual([3]);
    expect(network.server.refused).toEqual([]);
  });

  test('opens three more, once, where datagrams are held up again and again', async () => {
    const { link } = await opened();
    await network.run(1_000);
    comeLate(1);
    await network.run(3_000);
    expect(link.stripes).toBe(3);
    comeLate(2);
    await network.run(3_000);
    expect(link.stripes).toBe(6);
    comeLate(3);
    comeLate(4);
    await network.run(3_000);
    expect(network.sockets).toHaveLength(6);
    expect(network.server.refused).toEqual([]);
  });

  test('backs off while sockets keep dying', async () => {
    const { link } = await opened();
    for (let second = 0; second < 60; second += 1) {
      for (const socket of network.sockets.slice(3)) {
        socket.fail();
      }
      network.sockets[1]?.fail();
      await network.run(1_000);
    }
    expect(network.sockets.length).toBeGreaterThan(5);
    expect(network.sockets.length).toBeLessThan(14);
    expect(link.stripes).toBeGreaterThanOrEqual(2);
  });

  test('replaces a socket on which nothing comes any more, without a word', async () => {
    const { link, log } = await opened();
    const dead = network.sockets[0];
    if (dead !== undefined) {
      dead.isDead = true;
    }
    await network.run(6_000);
    expect(dead?.readyState).toBe(3);
    expect(log).toContain('control moved');
    expect(link.stripes).toBe(3);
  });

  test('ends with the reason of the server', async () => {
    const { log } = open(Promise.resolve('forged'));
    await network.run(300);
    expect(log).toEqual(['closed bad-token']);
    expect(network.sockets.map(({ readyState }) => readyState)).toEqual([3, 3, 3]);
  });

  test('ends on a malformed frame or message, without an exception', async () => {
    for (const message of [[1, 9, 9], [7], []]) {
      const { log } = await opened();
      const socket = network.sockets.at(-1);
      socket?.onmessage?.({ data: new Uint8Array(message).buffer });
      expect(log.at(-1)).toBe('closed protocol-violation');
    }
  });

  test('tells nothing after it was closed', async () => {
    const { link, log } = await opened();
    const messages = network.sockets.map(({ onmessage }) => onmessage);
    link.close();
    log.length = 0;
    for (const message of messages) {
      message?.({ data: new Uint8Array([1, ...encodeServerFrame({ kind: 'attached' })]).buffer });
      message?.({ data: new Uint8Array([0, 1, 2, 3]).buffer });
    }
    await network.run(1_000);
    expect(log).toEqual([]);
  });
});
