/** What the server keeps of one player: anybody reads it by the id, the player itself needs only its key. */

import { ConnectError } from '../../connect-error.ts';
import { browserHost, type Host } from '../../host.ts';
import type { Identity } from '../../identity.ts';
import { ask, countIn, textIn, unusable } from './answer.ts';

/** One player's sums over all games. */
export interface PlayerProfile {
  /** The public player id, a UUID. */
  readonly id: string;
  /** The name of the newest game, or the one given since. */
  readonly name: string;
  /** Games that ended with this player in them. */
  readonly gamesPlayed: number;
  readonly gamesWon: number;
  /** Points of all these games. */
  readonly totalScore: number;
  /** When the first of them ended. */
  readonly firstSeen: Date;
  /** When the newest of them ended. */
  readonly lastSeen: Date;
}

/** Stands in the address for the player of the key. */
const OWN = 'me';

/** The server's word for a player that was deleted. */
const DELETED = 'deleted-player';

/**
 * Whether a call about one's own player failed because that player was deleted, here or on another
 * device. Its key is burnt: `store.renew(identity)`.
 */
export function isDeletedPlayer(error: unknown): boolean {
  return error instanceof ConnectError && error.problem === DELETED;
}

/**
 * A player's profile; nothing for who has not finished a game.
 *
 * @param origin The server's, for example `https://play.example`.
 * @param player The public player id.
 * @throws {@link ConnectError} when the server can't be reached or says no: `problem` is
 * `no-storage` where it keeps nothing of anybody.
 */
export async function readProfile(
  origin: string,
  player: string,
  host: Host = browserHost(),
): Promise<PlayerProfile | undefined> {
  return knownProfile(ask(host, address(origin, player)));
}

/**
 * The profile of an identity's own player, which tells its id also before any join from here; nothing
 * for who has not finished a game.
 *
 * @throws {@link ConnectError} as {@link readProfile}, and where {@link isDeletedPlayer}.
 */
export async function readOwnProfile(
  origin: string,
  identity: Identity,
  host: Host = browserHost(),
): Promise<PlayerProfile | undefined> {
  return knownProfile(ask(host, address(origin, OWN), { headers: bearer(identity) }));
}

/**
 * Renames an identity's player; nothing for who has not finished a game: there the next game's name
 * counts.
 *
 * @throws {@link ConnectError} as {@link readOwnProfile}, and with `status` 400 where the server
 * doesn't take the name.
 */
export async function renamePlayer(
  origin: string,
  identity: Identity,
  name: string,
  host: Host = browserHost(),
): Promise<PlayerProfile | undefined> {
  const headers = { ...bearer(identity), 'content-type': 'application/json' };
  const init = { method: 'PATCH', headers, body: JSON.stringify({ name }) };
  return knownProfile(ask(host, address(origin, OWN), init));
}

/**
 * Deletes all that the server keeps of an identity's player, also where that is nothing. The key is
 * burnt with it: play on with a new one.
 *
 * @throws {@link ConnectError} as {@link readProfile}; nothing is deleted then.
 */
export async function deletePlayer(
  origin: string,
  identity: Identity,
  host: Host = browserHost(),
): Promise<void> {
  await ask(host, address(origin, OWN), { method: 'DELETE', headers: bearer(identity) });
}

function address(origin: string, player: string): string {
  return `${origin}/v1/players/${encodeURIComponent(player)}`;
}

function bearer(identity: Identity): Record<string, string> {
  return { authorization: `Bearer ${identity.key}` };
}

async function knownProfile(answer: Promise<unknown>): Promise<PlayerProfile | undefined> {
  try {
    return parseProfile(await answer);
  } catch (error) {
    if (error instanceof ConnectError && error.status === 404 && error.problem !== 'no-storage') {
      return undefined;
    }
    throw error;
  }
}

function parseProfile(body: unknown): PlayerProfile {
  return {
    id: textIn(body, 'id'),
    name: textIn(body, 'name'),
    gamesPlayed: countIn(body, 'games_played'),
    gamesWon: countIn(body, 'games_won'),
    totalScore: countIn(body, 'total_score'),
    firstSeen: timeIn(body, 'first_seen'),
    lastSeen: timeIn(body, 'last_seen'),
  };
}

/** A time of RFC 3339. */
function timeIn(body: unknown, name: string): Date {
  const time = new Date(textIn(body, name));
  if (Number.isNaN(time.getTime())) {
    throw unusable(name);
  }
  return time;
}
