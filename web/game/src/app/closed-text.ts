/** Why there is no game, in one sentence a player can act on. */

import { type CloseCause, ConnectError } from '@battle-circles/sdk';
import { NoGraphicsError } from './no-graphics-error.ts';

const SENTENCES: Readonly<Record<CloseCause, string>> = {
  left: 'You left the pond.',
  refused: 'The server did not let you in. Try again in a moment.',
  protocol: 'A newer version of the game is out. Reload the page to get it.',
  unreachable: 'The server can’t be reached. Check your connection and try again.',
  'shutting-down': 'The server is restarting. Try again in a moment.',
  'room-failed': 'This room broke down. Play again to get a fresh one.',
  ended: 'You are playing in another tab or on another device.',
};

/** For a session that ended. */
export function closedText(reason: CloseCause): string {
  return SENTENCES[reason];
}

/** For a join that came to nothing; `error` may be anything thrown. */
export function joinErrorText(error: unknown): string {
  if (error instanceof NoGraphicsError) {
    return 'This browser can’t draw the pond: WebGL is missing or switched off.';
  }
  if (!(error instanceof ConnectError)) {
    return 'Something went wrong on this page. Reload it and try again.';
  }
  if (error.reason === 'refused') {
    switch (error.status) {
      case 400:
        return 'The server did not accept that name or room. Try another.';
      case 404:
        return closedText('unreachable');
      case 409:
        return 'This room is full. Open the page without a room to play in another.';
      case 503:
        return 'All rooms are full right now. Try again in a moment.';
      case 429:
        return 'Too many tries in a row. Wait a few seconds and try again.';
      default:
        break;
    }
  }
  return closedText(error.reason);
}
