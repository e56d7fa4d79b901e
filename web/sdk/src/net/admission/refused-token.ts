/** Why a token was refused over HTTP: the session is over, another has its seat, or it is not ours. */

import { problemOf } from './http.ts';

/** A refusal's reason, and its problem for the log. */
export interface RefusedToken {
  readonly reason: 'superseded' | 'expired' | 'bad-token';
  readonly problem: string;
}

/** Reads an answer with status 401. */
export async function refusedToken(response: Response): Promise<RefusedToken> {
  const problem = problemOf(await response.json().catch(() => undefined)) ?? '';
  const known = (['superseded', 'expired'] as const).find((reason) => problem.includes(reason));
  return { reason: known ?? 'bad-token', problem };
}
