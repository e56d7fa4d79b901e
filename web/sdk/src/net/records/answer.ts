/** Asking the server for what it keeps of players, and the parts that its answers share. */

import { ConnectError } from '../../connect-error.ts';
import type { Host } from '../../host.ts';
import { field, problemOf, request } from '../admission/http.ts';

/**
 * The JSON that is answered; nothing where the answer has no body.
 *
 * @throws {@link ConnectError} when the server says no or can't be reached.
 */
export async function ask(host: Host, url: string, init: RequestInit = {}): Promise<unknown> {
  try {
    const response = await request(host, url, init);
    if (!response.ok) {
      throw await refusal(response);
    }
    return response.status === 204 ? undefined : await response.json();
  } catch (error) {
    throw error instanceof ConnectError
      ? error
      : new ConnectError('unreachable', `no answer about players: ${String(error)}`);
  }
}

async function refusal(response: Response): Promise<ConnectError> {
  const { status } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const detail = field(body, 'detail');
  const words = typeof detail === 'string' ? detail : `HTTP ${status}`;
  return new ConnectError('refused', words, { status, problem: problemOf(body) });
}

/** For an answer that isn't what it should be. */
export function unusable(name: string): ConnectError {
  return new ConnectError('refused', `the answer about players has no usable ${name}`);
}

/** @throws {@link ConnectError} where there is no such text. */
export function textIn(value: unknown, name: string): string {
  const text = field(value, name);
  if (typeof text !== 'string') {
    throw unusable(name);
  }
  return text;
}

/** @throws {@link ConnectError} where there is no such whole number of 0 or more. */
export function countIn(value: unknown, name: string): number {
  const count = field(value, name);
  if (!Number.isSafeInteger(count) || (count as number) < 0) {
    throw unusable(name);
  }
  return count as number;
}
