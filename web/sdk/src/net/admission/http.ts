/** Requests to the server's API, and reading answers of which nothing is known yet. */

import type { Host } from '../../host.ts';

/** A request without an answer after so long has failed, in milliseconds. */
const DEADLINE_MS = 8_000;

/** Most items of a list that are read. */
export const MAX_ITEMS = 16;

/** Asks; `signal` gives the request up. */
export async function request(
  host: Host,
  url: string,
  init: RequestInit,
  signal?: AbortSignal,
): Promise<Response> {
  const abort = new AbortController();
  const onAbort = (): void => abort.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const cancel = host.setTimer(onAbort, DEADLINE_MS);
  try {
    return await host.fetch(url, { ...init, signal: abort.signal });
  } finally {
    cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** A member of an answer, if it is there. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** The last part of a problem's type, for example `room-full`. */
export function problemOf(body: unknown): string | undefined {
  const type = field(body, 'type');
  return typeof type === 'string' ? type.split('/').at(-1) : undefined;
}
