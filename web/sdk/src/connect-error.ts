/** Why a `connect()` came to nothing. */

import type { CloseCause } from './events.ts';

/** `reason` says what to do, `message` what happened. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';

  constructor(
    readonly reason: CloseCause,
    message: string,
    /** HTTP status of a refused join. */
    readonly status?: number,
    /** What kind of refusal, as the server names it, for example `room-full`. */
    readonly problem?: string,
  ) {
    super(message);
  }
}
