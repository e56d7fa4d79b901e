/** A button that is pressed once: one tick has it, on the server and in prediction. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { adapter } from '../support/fake-game.ts';
import { FakeNetwork } from '../support/fake-network.ts';
import { connect } from '../support/observed-client.ts';

/** An input with the button down moves the figure by so much more. */
const BUTTON = 64;

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
});

afterEach(() => {
  vi.useRealTimers();
});

test('a button pressed once is down for one tick, what is held stays down', async () => {
  const repeatInput = (input: number) => input & ~BUTTON;
  const { client } = connect(network, undefined, { adapter: { ...adapter, repeatInput } });
  await network.run(8_000);
  const before = new Set(network.server.session.inputs.keys());
  client.setInput(BUTTON | 3);
  await network.run(2_000);
  const inputs = [...network.server.session.inputs]
    .filter(([tick]) => !before.has(tick))
    .sort(([a], [b]) => a - b)
    .map(([, input]) => input);
  const pressed = inputs.indexOf(BUTTON | 3);
  expect(inputs.filter((input) => (input & BUTTON) !== 0)).toEqual([BUTTON | 3]);
  expect(new Set(inputs.slice(pressed + 1))).toEqual(new Set([3]));
  expect(client.stats().corrections.p95).toBeLessThan(1e-6);
});

test('a press that is let go before the next tick is down for one tick all the same', async () => {
  const repeatInput = (input: number) => input & ~BUTTON;
  const joinInputs = (unused: number, newest: number) => (unused & BUTTON) | newest;
  const game = { ...adapter, repeatInput, joinInputs };
  const { client } = connect(network, undefined, { adapter: game });
  await network.run(8_000);
  client.setInput(BUTTON | 3);
  client.setInput(3);
  await network.run(2_000);
  const inputs = [...network.server.session.inputs.values()];
  expect(inputs.filter((input) => (input & BUTTON) !== 0)).toEqual([BUTTON | 3]);
});

test('a press before a page that stands still is down for one tick all the same', async () => {
  const repeatInput = (input: number) => input & ~BUTTON;
  const joinInputs = (unused: number, newest: number) => (unused & BUTTON) | newest;
  const game = { ...adapter, repeatInput, joinInputs };
  const { client } = connect(network, undefined, { adapter: game });
  await network.run(8_000);
  for (let turn = 0; turn < 20; turn += 1) {
    // Once in each part of a tick and of the time between two datagrams.
    client.setInput(BUTTON);
    await network.run(2 * turn);
    await network.block(300 + 30 * turn);
    await network.run(2_000);
    const inputs = [...network.server.session.inputs.values()];
    expect(inputs.filter((input) => (input & BUTTON) !== 0)).toHaveLength(turn + 1);
  }
});

test('without a rule for it, an input is repeated as it is', async () => {
  const { client } = connect(network);
  await network.run(8_000);
  client.setInput(5);
  await network.run(1_000);
  expect([...network.server.session.inputs.values()].slice(-30)).toEqual(Array(30).fill(5));
});
