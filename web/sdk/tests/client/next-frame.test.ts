/** From the player's hand to the screen: the own figure obeys in the very next frame. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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

test.each([
  [60, 0],
  [60, 0.05],
  [144, 0],
  [144, 0.05],
])(
  'an input moves the own figure in the next frame, at %d frames a second and a loss of %d',
  async (rate, loss) => {
    const client = new GameClient<View, number, number>({ adapter }, network.host);
    client.connect({ name: 'Ada' }).catch(() => undefined);
    await network.run(3_000);
    network.path.quality.loss = loss;
    const place = () => client.sample()?.own?.x ?? Number.NaN;
    const frame = async () => {
      await network.run(1_000 / rate);
      return place();
    };
    for (let turn = 0; turn < 40; turn += 1) {
      client.setInput(0);
      let [last, now] = [Number.NaN, place()];
      // At rest, whatever was to be corrected.
      for (let frames = 0; frames < 200 && !(Math.abs(now - last) < 1e-9); frames += 1) {
        [last, now] = [now, await frame()];
      }
      expect(now).toBeCloseTo(last, 6);
      client.setInput(turn % 2 === 0 ? 9 : -9);
      const moved = (await frame()) - now;
      expect(turn % 2 === 0 ? moved : -moved).toBeGreaterThan(0);
    }
  },
);
