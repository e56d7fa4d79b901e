/** The HTTP part of getting in: the rungs ahead of time, and the join. Answers are checked here. */

import { ConnectError } from '../../connect-error.ts';
import type { CloseCause, Joined, RoomVisibility } from '../../events.ts';
import type { Host } from '../../host.ts';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import type { RungOffer } from '../../rung.ts';

/** A join that was granted. */
export interface Admission extends Joined {
  readonly token: string;
  readonly rungs: readonly RungOffer[];
}

/** Who asks for which seat. */
export interface SeatWish {
  readonly name: string;
  readonly room?: string | undefined;
  /** What the room is to be if this join makes it. */
  readonly visibility?: RoomVisibility | undefined;
  /** The token of a seat to be given back, in a new session. */
  readonly resume?: string | undefined;
}

/** A request without an answer after so long has failed. */
const DEADLINE_MS = 8_000;

/** Pauses before a join is tried again after the network, not the server, refused it. */
const RETRY_MS = [300, 1_200];

/** What a refusal's status means; others are plain refusals. */
const REASONS: ReadonlyMap<number, CloseCause> = new Map([
  [401, 'seat-gone'],
  [410, 'seat-gone'],
  [426, 'protocol'],
]);

/** Most rungs and certificates that an answer may name. */
const MAX_ITEMS = 16;

/** Asks for the rungs; nothing when there is no usable answer. */
export async function fetchRungs(
  host: Host,
  origin: string,
): Promise<readonly RungOffer[] | undefined> {
  try {
    const response = await request(host, `${origin}/v1/rungs`, {});
    const body: unknown = await response.json();
    const isOurs = response.ok && field(body, 'protocol') === PROTOCOL_VERSION;
    return isOurs ? parseRungs(field(body, 'rungs')) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Joins. A request that the network loses is sent again a few times; a refusal is final.
 *
 * @throws {@link ConnectError}
 */
export async function join(host: Host, origin: string, wish: SeatWish): Promise<Admission> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await askForSeat(host, origin, wish);
    } catch (error) {
      if (error instanceof ConnectError) {
        throw error;
      }
      const pause = RETRY_MS[attempt];
      if (pause === undefined) {
        throw new ConnectError('unreachable', `no answer to the join: ${String(error)}`);
      }
      await new Promise<void>((resolve) => host.setTimer(resolve, pause * (0.5 + host.random())));
    }
  }
}

/**
 * Asks for a seat once.
 *
 * @throws {@link ConnectError} when the server refuses; something else when there is no answer.
 */
export async function askForSeat(
  host: Host,
  origin: string,
  wish: SeatWish,
  signal?: AbortSignal,
): Promise<Admission> {
  const { name, room, visibility, resume } = wish;
  const body = JSON.stringify({ name, room, visibility, resume, protocol: PROTOCOL_VERSION });
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  return admitted(await request(host, `${origin}/v1/join`, init, signal));
}

async function admitted(response: Response): Promise<Admission> {
  if (!response.ok) {
    throw await refusal(response);
  }
  const body: unknown = await response.json();
  const admission = {
    session: text(body, 'session'),
    token: text(body, 'token'),
    room: text(body, 'room'),
    player: text(body, 'player'),
    visibility: parseVisibility(field(body, 'visibility')),
    resumed: field(body, 'resumed') === true,
    tickRate: rate(body, 'tick_rate'),
    snapshotRate: rate(body, 'snapshot_rate'),
    rungs: parseRungs(field(body, 'rungs')),
  };
  if (admission.rungs.length === 0) {
    throw new ConnectError('unreachable', 'the server offers no rung that this client knows');
  }
  return admission;
}

async function refusal(response: Response): Promise<ConnectError> {
  const body: unknown = await response.json().catch(() => undefined);
  const detail = field(body, 'detail') ?? field(body, 'title');
  const words = typeof detail === 'string' && detail !== '' ? detail : `HTTP ${response.status}`;
  const { status } = response;
  return new ConnectError(REASONS.get(status) ?? 'refused', words, status, problemOf(body));
}

/** The last part of a problem's type, for example `room-full`. */
export function problemOf(body: unknown): string | undefined {
  const type = field(body, 'type');
  return typeof type === 'string' ? type.split('/').at(-1) : undefined;
}

async function request(
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

/** What the server or a record says of a room; nothing for what we don't know. */
export function parseVisibility(value: unknown): RoomVisibility | undefined {
  return value === 'public' || value === 'private' ? value : undefined;
}

/** Rungs of kinds that we don't know are left out: a newer server may offer them. */
function parseRungs(value: unknown): RungOffer[] {
  if (!Array.isArray(value)) {
    return [];
  }
  return value.slice(0, MAX_ITEMS).flatMap((item: unknown): RungOffer[] => {
    const url = field(item, 'url');
    if (typeof url !== 'string') {
      return [];
    }
    switch (field(item, 'kind')) {
      case 'webtransport':
        return [{ kind: 'webtransport', url, certificateHashes: strings(item) }];
      case 'webrtc':
        return [{ kind: 'webrtc', url, iceServers: iceServers(field(item, 'ice_servers')) }];
      case 'websocket':
        return [{ kind: 'websocket', url }];
      default:
        return [];
    }
  });
}

function strings(item: unknown): string[] {
  const value = field(item, 'certificate_hashes');
  const items: unknown[] = Array.isArray(value) ? value.slice(0, MAX_ITEMS) : [];
  return items.filter((hash): hash is string => typeof hash === 'string');
}

function iceServers(value: unknown): RTCIceServer[] {
  const items: unknown[] = Array.isArray(value) ? value.slice(0, MAX_ITEMS) : [];
  return items.filter(
    (server): server is RTCIceServer => typeof server === 'object' && server !== null,
  );
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function text(body: unknown, name: string): string {
  const value = field(body, name);
  if (typeof value !== 'string') {
    throw new ConnectError('refused', `the join's answer has no ${name}`);
  }
  return value;
}

/** A rate of 1 to 1,000 a second. */
function rate(body: unknown, name: string): number {
  const value = field(body, name);
  if (typeof value !== 'number' || !(value >= 1 && value <= 1_000)) {
    throw new ConnectError('refused', `the join's answer has no usable ${name}`);
  }
  return value;
}
