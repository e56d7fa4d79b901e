/** A client of the fake network, and all that it tells its app. */

import { GameClient } from '../../src/client.ts';
import type { ClientOptions, JoinRequest } from '../../src/events.ts';
import { adapter, type View } from './fake-game.ts';
import type { FakeNetwork } from './fake-network.ts';

export type TestClient = GameClient<View, number, number>;

/** A client that is connecting, and its words: welcomes, ends and changes of state. */
export function connect(
  network: FakeNetwork,
  request: JoinRequest = { name: 'Ada' },
  options: Partial<ClientOptions<View, number, number>> = {},
) {
  const client: TestClient = new GameClient({ adapter, ...options }, network.host);
  const log: string[] = [];
  const states: string[] = [];
  client.on('welcome', ({ session, room }) => log.push(`welcome ${session} ${room}`));
  client.on('closed', ({ reason }) => log.push(`closed ${reason}`));
  client.on('status', ({ state, returning }) => {
    const word = returning === undefined ? state : `${state} ${returning}`;
    if (states.at(-1) !== word) {
      states.push(word);
    }
  });
  const welcome = client.connect(request);
  welcome.catch(() => undefined);
  return { client, log, states, welcome };
}
