/** Why there is no game, in words that are true and that a player can act on. */

import { type CloseCause, ConnectError } from '@battle-circles/sdk';
import { NoGraphicsError } from './no-graphics-error.ts';

/** How an end is told: a title, a sentence, and what the button does, which is to load anew. */
export interface EndText {
  readonly title: string;
  readonly sentence: string;
  readonly button: string;
}

const ENDS: Readonly<Record<CloseCause, EndText>> = {
  left: { title: 'You left', sentence: 'You left the pond.', button: 'Play again' },
  unloaded: { title: 'Page closed', sentence: 'This page was closed.', button: 'Play again' },
  refused: {
    title: 'Not let in',
    sentence: 'The server did not let you in. Try again in a moment.',
    button: 'Try again',
  },
  'action-refused': {
    title: 'Not accepted',
    sentence: 'The game did not accept what this page asked for. Reload the page and play again.',
    button: 'Reload',
  },
  kicked: {
    title: 'Removed',
    sentence: 'The game removed you from this room.',
    button: 'Play again',
  },
  'room-ended': {
    title: 'The room has ended',
    sentence: 'The game in this room is over for good. Play again in another.',
    button: 'Play again',
  },
  protocol: {
    title: 'Another version',
    sentence: 'The server runs another version of the game. Reload the page to get it.',
    button: 'Reload',
  },
  unreachable: {
    title: 'Connection lost',
    sentence: 'The server can’t be reached. Check your connection and try again.',
    button: 'Try again',
  },
  'seat-gone': {
    title: 'Your seat is gone',
    sentence: 'Your seat was not kept any longer. Play again to get a new one.',
    button: 'Play again',
  },
  superseded: {
    title: 'You play in another tab',
    sentence: 'Another tab or window has taken over your seat and plays on.',
    button: 'Join as another player',
  },
};

/** For a join that takes longer than {@link SLOW_JOIN_MS}: the server answers, but no link comes about. */
export const SLOW_JOIN =
  'No connection comes about yet. The game keeps trying; another network may let it through.';

/** Milliseconds. */
export const SLOW_JOIN_MS = 10_000;

/** For a session that ended for good. */
export function endText(reason: CloseCause): EndText {
  return ENDS[reason];
}

/** The end in one sentence. */
export function closedText(reason: CloseCause): string {
  return ENDS[reason].sentence;
}

const NO_SEAT = 'The game gives you no seat in this room. Play in another.';

/** What 403 means, by the problem's type; others are the game's own. */
const FORBIDDEN: ReadonlyMap<string, string> = new Map([
  [
    'origin-not-allowed',
    'This page is not one that the server knows. Its operator has to name it in the settings.',
  ],
  ['login-needed', 'Players of this server log in first, and this page has no login.'],
  ['login-expired', 'Your login has expired. Log in again, then play.'],
  ['bad-login', 'The server does not accept your login. Log in again, then play.'],
  ['login-not-taken', 'This server takes no logins. Play without one.'],
]);

/** What 400 means, by the problem's type. */
const BAD_REQUEST: ReadonlyMap<string, string> = new Map([
  ['bad-name', 'The server did not accept that name. Try another.'],
  ['bad-room', 'No room can have that name. Correct it, or play in another room.'],
]);

const RESTARTING = 'The server is restarting. Try again in a moment.';

/** What 503 means, by the problem's type; others are a server that is full. */
const UNAVAILABLE: ReadonlyMap<string, string> = new Map([
  ['shutting-down', RESTARTING],
  ['not-ready', RESTARTING],
  ['logins-unavailable', 'The server can’t check logins right now. Try again in a moment.'],
]);

/** Whether it was the room that took nobody in, so that another may. */
export function isRoomsFault(error: unknown): boolean {
  if (!(error instanceof ConnectError) || error.reason !== 'refused') {
    return false;
  }
  const { status, problem } = error;
  const isBadRoom = status === 400 && problem !== 'bad-options' && problem !== 'bad-name';
  const isNoSeat = status === 403 && !FORBIDDEN.has(problem ?? '');
  return isBadRoom || isNoSeat || status === 409;
}

/** For a join that came to nothing; `error` may be anything thrown. */
export function joinErrorText(error: unknown): string {
  if (error instanceof NoGraphicsError) {
    return 'This browser can’t draw the pond: WebGL is missing or switched off.';
  }
  if (!(error instanceof ConnectError)) {
    return 'Something went wrong on this page. Reload it and try again.';
  }
  return refusalText(error) ?? closedText(error.reason);
}

/** For a join that the server refused with a status of its own. */
function refusalText({ reason, status, problem }: ConnectError): string | undefined {
  if (reason !== 'refused') {
    return undefined;
  }
  switch (status) {
    case 400:
      return problem === 'bad-options'
        ? closedText('action-refused')
        : (BAD_REQUEST.get(problem ?? '') ?? 'The server did not accept that name or room.');
    case 403:
      return FORBIDDEN.get(problem ?? '') ?? NO_SEAT;
    case 404:
      return closedText('unreachable');
    case 409:
      return 'This room is full. Try again later, or play in another.';
    case 429:
      return 'Too many tries in a row. Wait a few seconds and try again.';
    case 503:
      return (
        UNAVAILABLE.get(problem ?? '') ?? 'All rooms are full right now. Try again in a moment.'
      );
    default:
      return undefined;
  }
}
