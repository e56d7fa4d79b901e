/** Why a `connect()` came to nothing. */

import type { CloseCause } from './events.ts';

/** What is known of a refusal. */
interface RefusalDetails {
  readonly status?: number | undefined;
  readonly problem?: string | undefined;
  readonly code?: number | undefined;
}

/** `reason` says what to do, `message` what happened. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';

  /** HTTP status of a refused join. */
  readonly status: number | undefined;
  /** What kind of refusal, as the server names it, for example `room-full`. */
  readonly problem: string | undefined;
  /** The game's own code, where it ended the session before the welcome and gave one. */
  readonly code: number | undefined;

  constructor(
    readonly reason: CloseCause,
    message: string,
    { status, problem, code }: RefusalDetails = {},
  ) {
    super(message);
    this.status = status;
    this.problem = problem;
    this.code = code;
  }
}
