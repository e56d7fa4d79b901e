/** The join over HTTP: asking for a seat. Answers are checked here. */

import { ConnectError } from '../../connect-error.ts';
import type {
  CloseCause,
  IdentitySource,
  Joined,
  JoinOptions,
  LoginSource,
  RoomVisibility,
} from '../../events.ts';
import type { Host } from '../../host.ts';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import type { RungOffer } from '../../rung.ts';
import { field, problemOf, request } from './http.ts';
import { parseRungs } from './rungs.ts';
import { parseVisibility } from './visibility.ts';

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
  /** Whether a new seat will do where that to be given back is gone. Default no: the join is refused then. */
  readonly orNew?: boolean | undefined;
  /** The game's own, at most 1,024 bytes of JSON. */
  readonly options?: JoinOptions | undefined;
  readonly login?: LoginSource | undefined;
  readonly identity?: IdentitySource | undefined;
}

/** Pauses before a join is tried again after the network, not the server, refused it. */
const RETRY_MS = [300, 1_200];

/** What a refusal's status means; others are plain refusals. */
const REASONS: ReadonlyMap<number, CloseCause> = new Map([
  [401, 'seat-gone'],
  [410, 'seat-gone'],
  [423, 'seat-gone'],
  [426, 'protocol'],
]);

/** Most bytes of a join's options, as JSON. */
const MAX_OPTIONS = 1_024;

/**
 * Joins. A request that the network loses is sent again a few times; a refusal is final. `signal`
 * gives it up.
 *
 * @throws {@link ConnectError}; something else when it was given up.
 */
export async function join(
  host: Host,
  origin: string,
  wish: SeatWish,
  signal?: AbortSignal,
): Promise<Admission> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await askForSeat(host, origin, wish, signal);
    } catch (error) {
      if (error instanceof ConnectError || signal?.aborted === true) {
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
  checkOptions(wish.options);
  const { name, room, visibility, resume, orNew, options } = wish;
  const login = typeof wish.login === 'function' ? await wish.login() : wish.login;
  const identity = typeof wish.identity === 'function' ? wish.identity() : wish.identity;
  const protocol = PROTOCOL_VERSION;
  const body = JSON.stringify({
    name,
    room,
    visibility,
    resume,
    or_new: orNew,
    options,
    login,
    identity: identity?.key,
    protocol,
  });
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  return admitted(await request(host, `${origin}/v1/join`, init, signal));
}

function checkOptions(options: JoinOptions | undefined): void {
  const { length } = new TextEncoder().encode(JSON.stringify(options ?? {}));
  if (length > MAX_OPTIONS) {
    const words = `the join's options have ${length} bytes, and ${MAX_OPTIONS} are the most`;
    throw new ConnectError('refused', words, { problem: 'bad-options' });
  }
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
  return new ConnectError(REASONS.get(status) ?? 'refused', words, {
    status,
    problem: problemOf(body),
  });
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
