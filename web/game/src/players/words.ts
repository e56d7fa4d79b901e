/** What the panels about players say. Pure. */

import {
  ConnectError,
  IdentityCodeError,
  isDeletedPlayer,
  type LeaderboardWindow,
} from '@battle-circles/sdk';
import { DELETED_ELSEWHERE } from '../app/deleted-text.ts';
import { isNoStorage } from '../app/records.ts';

/** What a window is called where one is chosen. */
export const WINDOW_NAMES: Readonly<Record<LeaderboardWindow, string>> = {
  day: 'Today',
  week: 'This week',
  all: 'Ever',
};

/** What a window's points are. */
export const WINDOW_NOTES: Readonly<Record<LeaderboardWindow, string>> = {
  day: 'Points of the games that ended today. A day ends at midnight UTC.',
  week: 'Points of the games that ended this week. A week ends on Sunday at midnight UTC.',
  all: 'Points of all games that ever ended.',
};

const EMPTY: Readonly<Record<LeaderboardWindow, string>> = {
  day: 'Nobody has finished a game today',
  week: 'Nobody has finished a game this week',
  all: 'Nobody has finished a game yet',
};

/** For a leaderboard without anybody on it. */
export function emptyText(window: LeaderboardWindow, room: string | undefined): string {
  const where = room === undefined ? '' : ` in the room “${room}”`;
  return `${EMPTY[window]}${where}. Play one, and you lead.`;
}

/** What a status means here; others are the server's trouble. */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [400, 'The server did not accept that name. Try another.'],
  [429, 'Too many tries in a row. Wait a few seconds and try again.'],
]);

/** For anything that came to nothing; `error` may be anything thrown. */
export function recordsErrorText(error: unknown): string {
  if (!(error instanceof ConnectError)) {
    return 'Something went wrong on this page. Reload it and try again.';
  }
  if (isDeletedPlayer(error)) {
    return DELETED_ELSEWHERE;
  }
  if (isNoStorage(error)) {
    return 'This server keeps no scores. You can play all the same.';
  }
  if (error.reason === 'unreachable') {
    return 'The server can’t be reached. Check your connection and try again.';
  }
  const known = REFUSALS.get(error.status ?? 0);
  return known ?? 'The server can’t do that right now. Try again in a moment.';
}

/** For a code that can't be taken; who plays here stays the same. */
export function adoptErrorText(error: unknown): string {
  if (error instanceof IdentityCodeError) {
    return error.message;
  }
  return isDeletedPlayer(error)
    ? 'The player of this code was deleted. You stay who you are.'
    : recordsErrorText(error);
}

/** A day as people write it, for example “2 Jan 2026”. */
export function dayText(date: Date): string {
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}
