/** A client says who it is in each of its joins, and only when it was told to. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Identity } from '../../src/identity.ts';
import { FakeNetwork } from '../support/fake-network.ts';
import { connect } from '../support/observed-client.ts';

const identity = Identity.fromBytes(new Uint8Array(16));
const { key } = identity;

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
});

afterEach(() => {
  vi.useRealTimers();
});

function keysSent(): (string | undefined)[] {
  return network.joins.map((join) => join.identity);
}

test('a join sends the key, and without an identity nothing', async () => {
  connect(network, { name: 'Ada', identity });
  connect(network, { name: 'Bo' });
  await network.run(3_000);
  expect(keysSent()).toEqual([key, undefined]);
});

test('a seat that is resumed after a reload sends it', async () => {
  connect(network, { name: 'Ada', identity });
  await network.run(5_000);
  network.closePage();
  connect(network, { name: 'Ada', identity, resume: true });
  await network.run(3_000);
  expect(network.joins.at(-1)).toMatchObject({ resume: 'token-1', identity: key });
});

test('a seat that is fetched anew after a restart sends it', async () => {
  connect(network, { name: 'Ada', identity });
  await network.run(5_000);
  network.server.shutDown();
  network.server.isDown = false;
  await network.run(5_000);
  expect(keysSent()).toEqual([key, key]);
});

test('an identity that has changed meanwhile is sent by the next join', async () => {
  let current = identity;
  connect(network, { name: 'Ada', identity: () => current });
  await network.run(5_000);
  current = Identity.fromBytes(new Uint8Array(16).fill(1));
  network.server.shutDown();
  network.server.isDown = false;
  await network.run(5_000);
  expect(keysSent()).toEqual([key, current.key]);
});

test('a seat in another room, where the room from before is full, sends it and the login', async () => {
  connect(network, { name: 'Ada', room: 'willow', identity, login: 'a.b.c' });
  await network.run(5_000);
  network.fullRooms.add('willow');
  network.server.shutDown();
  network.server.isDown = false;
  await network.run(8_000);
  const last = network.joins.at(-1);
  expect(last).toMatchObject({ name: 'Ada', identity: key, login: 'a.b.c' });
  expect(last).not.toHaveProperty('room');
  expect(last).not.toHaveProperty('resume');
});
