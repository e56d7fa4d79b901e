/** Who has the most points: one page of the ranking. The answer is checked here. */

import { browserHost, type Host } from '../../host.ts';
import { field } from '../admission/http.ts';
import { ask, countIn, textIn, unusable } from './answer.ts';

/** The times that points can be summed over: the day and the ISO week in UTC, or ever. */
export const LEADERBOARD_WINDOWS = ['day', 'week', 'all'] as const;

/** Games count whose end lies in it. */
export type LeaderboardWindow = (typeof LEADERBOARD_WINDOWS)[number];

/** What to ask for. */
export interface LeaderboardQuery {
  readonly window: LeaderboardWindow;
  /** Games of this room alone; default: of all rooms. */
  readonly room?: string | undefined;
  /** Most entries, 1 to 100; default: as the server likes. */
  readonly limit?: number | undefined;
  /** `next` of the page before; default: the top. */
  readonly after?: string | undefined;
  /** Whose own entry is wanted as well, a public player id. */
  readonly player?: string | undefined;
}

/** One player's place. */
export interface LeaderboardEntry {
  /** From 1 on. */
  readonly rank: number;
  /** The public player id. */
  readonly player: string;
  readonly name: string;
  /** Points of the window's games. */
  readonly score: number;
  /** Games of the window that this player finished, and those of them that it won. */
  readonly games: number;
  readonly won: number;
}

/** One page of the ranking. */
export interface LeaderboardPage {
  /** Best first. */
  readonly entries: readonly LeaderboardEntry[];
  /** The entry of the query's player, wherever it is; nothing for who has none. */
  readonly own: LeaderboardEntry | undefined;
  /** Leads to the page after this one, if there is one. */
  readonly next: string | undefined;
}

/** Most entries of a page. */
const MAX_ENTRIES = 100;

/**
 * A page of the ranking. Entries that are malformed are left out.
 *
 * @param origin The server's, for example `https://play.example`.
 * @throws {@link ConnectError} when the server can't be reached or says no: `problem` is
 * `no-storage` where it keeps nothing of anybody.
 */
export async function readLeaderboard(
  origin: string,
  query: LeaderboardQuery,
  host: Host = browserHost(),
): Promise<LeaderboardPage> {
  const body = await ask(host, `${origin}/v1/leaderboard?${search(query)}`);
  const entries = field(body, 'entries');
  const next = field(body, 'next');
  if (!Array.isArray(entries)) {
    throw unusable('entries');
  }
  return {
    entries: entries.slice(0, MAX_ENTRIES).flatMap((entry) => tryEntry(entry) ?? []),
    own: tryEntry(field(body, 'own')),
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
}

function search({ window, room, limit, after, player }: LeaderboardQuery): string {
  const given = { window, room, limit: limit?.toString(), after, player };
  const asked = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return new URLSearchParams(asked).toString();
}

function tryEntry(value: unknown): LeaderboardEntry | undefined {
  try {
    return parseEntry(value);
  } catch {
    return undefined;
  }
}

function parseEntry(value: unknown): LeaderboardEntry {
  return {
    rank: countIn(value, 'rank'),
    player: textIn(value, 'player'),
    name: textIn(value, 'name'),
    score: countIn(value, 'score'),
    games: countIn(value, 'games'),
    won: countIn(value, 'won'),
  };
}
