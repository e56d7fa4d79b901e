import { expect, test } from 'vitest';
import { NOTHING_RECEIVED } from '../../src/protocol/datagram.ts';
import { PathEstimate } from '../../src/protocol/estimate.ts';
import { Inbox, Outbox } from '../../src/protocol/reliable.ts';
import { StateLane } from '../../src/protocol/state-lane.ts';

test('round trip leaves out the time an ack was held', () => {
  const client = new StateLane();
  const server = new StateLane();
  for (let step = 0; step < 50; step += 1) {
    const snapshot = server.sendDatagram(step * 50, 3);
    client.receiveDatagram(step * 50 + 40, snapshot);
    const input = client.sendDatagram(step * 50 + 60, 9);
    server.receiveDatagram(step * 50 + 100, input);
  }
  expect(server.path.roundTrip).toBe(80);
  expect(server.ackedTick).toBe(3);
});

test('the first datagram acknowledges nothing', () => {
  const session = new StateLane();
  const header = session.sendDatagram(0, 1);
  expect(header.ackDelay).toBe(NOTHING_RECEIVED);
  const peer = new StateLane();
  peer.sendDatagram(0, 1);
  peer.receiveDatagram(5, header);
  expect(peer.ackedTick).toBeUndefined();
});

test('an ack held too long to tell gives no round trip', () => {
  const client = new StateLane();
  const server = new StateLane();
  client.receiveDatagram(10, server.sendDatagram(0, 1));
  server.receiveDatagram(900, client.sendDatagram(800, 1));
  expect(server.ackedTick).toBe(1);
  expect(server.path.roundTrip).toBeUndefined();
});

test('what was under way while its own end stood still counts neither as lost nor as not', () => {
  const outcomes: string[] = [];
  const client = new StateLane({
    acked: () => outcomes.push('acked'),
    lost: () => outcomes.push('lost'),
  });
  const server = new StateLane();
  const send = (now: number, arrives: boolean) => {
    const header = client.sendDatagram(now, 1);
    if (arrives) {
      server.receiveDatagram(now + 10, header);
    }
  };
  for (let i = 0; i < 6; i += 1) {
    send(i, false);
  }
  client.excuse(500);
  send(510, true);
  for (let i = 0; i < 12; i += 1) {
    send(600 + i * 30, i !== 2);
  }
  client.receiveDatagram(1_000, server.sendDatagram(990, 1));
  expect(outcomes.filter((outcome) => outcome === 'lost')).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === 'acked')).toHaveLength(11);
});

test('a steady path is estimated exactly', () => {
  const path = new PathEstimate();
  for (let i = 0; i < 100; i += 1) {
    path.onRoundTrip(80);
  }
  expect(path.roundTrip).toBe(80);
  expect(path.variation).toBeLessThan(1);
});

test('loss settles at the share lost', () => {
  const path = new PathEstimate();
  for (let i = 0; i < 2_000; i += 1) {
    path.onOutcome(i % 20 === 0);
  }
  expect(path.loss).toBeGreaterThan(0.02);
  expect(path.loss).toBeLessThan(0.08);
});

test('messages survive a change of links once each', () => {
  const outbox = new Outbox();
  const inbox = new Inbox<string>();
  const delivered: string[] = [];
  const take = (sequence: number) =>
    inbox.accept(sequence, `m${sequence}`, (message) => delivered.push(message));
  for (let i = 0; i < 3; i += 1) {
    outbox.push((sequence) => new Uint8Array([sequence]));
  }
  take(1);
  outbox.acknowledge(1);
  expect(outbox.unacknowledged.map((frame) => frame[0])).toEqual([2, 3]);
  take(2);
  take(2);
  take(3);
  expect(delivered).toEqual(['m1', 'm2', 'm3']);
  expect(inbox.delivered).toBe(3);
});

test('a message that overtook others waits for them', () => {
  const inbox = new Inbox<number>();
  const delivered: number[] = [];
  for (const sequence of [3, 2, 5, 1, 4, 3]) {
    inbox.accept(sequence, sequence, (message) => delivered.push(message));
  }
  expect(delivered).toEqual([1, 2, 3, 4, 5]);
  for (let sequence = 100; sequence < 1_000; sequence += 1) {
    inbox.accept(sequence, sequence, (message) => delivered.push(message));
  }
  expect(inbox.delivered).toBe(5);
});

test('a peer that never acknowledges fills the outbox', () => {
  const outbox = new Outbox();
  let pushed = 0;
  while (outbox.push(() => new Uint8Array(10)) !== undefined) {
    pushed += 1;
  }
  expect(pushed).toBe(Outbox.MAX_MESSAGES);
  outbox.acknowledge(999);
  expect(outbox.push(() => new Uint8Array(10))).toBeUndefined();
  outbox.acknowledge(1);
  expect(outbox.push(() => new Uint8Array(10))).toBeDefined();
});
