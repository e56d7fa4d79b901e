/** Which rungs reach the server from this browser and network, for those who operate one. */

import { GameClient } from './client.ts';
import { ConnectError } from './connect-error.ts';
import type { ClientOptions, JoinRequest } from './events.ts';
import { browserHost } from './host.ts';
import { RUNGS, type RungKind } from './rung.ts';

/** How long a rung may take. A handshake with some packets lost takes two or three seconds. */
const LIMIT_MS = 8_000;

/** A check leaves no seat and no hint behind. */
const FORGETFUL = {
  getItem: () => null,
  setItem: () => undefined,
  removeItem: () => undefined,
};

/** What came of trying a rung. */
export interface RungCheck {
  readonly rung: RungKind;
  /** Milliseconds from the join to the room's welcome; absent where the rung doesn't reach. */
  readonly milliseconds?: number;
  /** Why it doesn't, for people. */
  readonly fault?: string;
}

/** A client without a rung and without a memory of its own. */
export type CheckOptions<View, Input, Own> = Omit<
  ClientOptions<View, Input, Own>,
  'rung' | 'storage' | 'tabStorage'
>;

/**
 * Joins by each rung in turn, the best first, each time a private room that nobody else is in, and
 * leaves. Yields what came of each as soon as it is known; never throws.
 */
export async function* checkRungs<View, Input, Own>(
  options: CheckOptions<View, Input, Own>,
  request: Partial<JoinRequest> = {},
): AsyncGenerator<RungCheck> {
  for (const rung of RUNGS) {
    yield await check({ ...options, rung, storage: FORGETFUL, tabStorage: FORGETFUL }, request);
  }
}

async function check<View, Input, Own>(
  options: ClientOptions<View, Input, Own> & { readonly rung: RungKind },
  request: Partial<JoinRequest>,
): Promise<RungCheck> {
  const { rung } = options;
  const host = browserHost();
  const client = new GameClient(options, host);
  const room = `check-${host.secret().toString(36)}`;
  const begun = host.now();
  let cancel = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    const silence = new ConnectError('unreachable', `no answer within ${LIMIT_MS / 1_000} s`);
    cancel = host.setTimer(() => reject(silence), LIMIT_MS);
  });
  try {
    const joined = client.connect({ name: 'Check', room, visibility: 'private', ...request });
    await Promise.race([joined, late]);
    return { rung, milliseconds: host.now() - begun };
  } catch (error) {
    return { rung, fault: error instanceof Error ? error.message : String(error) };
  } finally {
    cancel();
    client.leave();
  }
}
