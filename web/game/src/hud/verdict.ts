/**
 * The one judgement of the link that the badge, the banner and the net graph share, in words for a
 * player. Pure.
 */

import type { Returning, Stats, Status } from '@battle-circles/sdk';
import { percent } from './format.ts';

/** Nothing new for so long is worth a word by itself, in milliseconds. */
const SILENT_MS = 400;

/** From these on the link is no longer good: shares, and milliseconds. */
const LOSSY = 0.03;
const LOSSY_UP = 0.06;
const LONG_ROUND_TRIP = 160;
/** From here on nobody can play well, whatever is done. */
const HOPELESS_ROUND_TRIP = 700;

/** Inputs go out once where nothing is lost, and twice for caution. */
const USUAL_COPIES = 2;

/** More snapshots than the room's rate by this much are sent on purpose. */
const MORE_OFTEN = 1.25;

/** Nothing is promised: the seat waits a while for the link, the server may have crashed. */
export const RECONNECTING = 'Reconnecting, you need not do anything.';

/** `gone`: there is no game now. `bad`: it suffers. `fair`: it holds, with means. */
export type Level = 'gone' | 'bad' | 'fair' | 'good';

/** What is said of the link. */
export interface Verdict {
  readonly level: Level;
  /** The level in a word. */
  readonly word: string;
  /** What is the matter and what is done about it, in one or two sentences. */
  readonly text: string;
}

/** While another session is fetched. The server gives the seat back where it can. */
const RETURNING: Readonly<Record<Returning, Verdict>> = {
  restart: {
    level: 'gone',
    word: 'Restarting',
    text: 'The server is restarting. You will be back in this room in a moment.',
  },
  lost: {
    level: 'gone',
    word: 'Connection lost',
    text: 'The connection to the server was lost. Taking you back to your seat…',
  },
};

/**
 * Judges the link. `silence`: for how long nothing has come, in milliseconds; `usualRate`: the
 * room's snapshots a second.
 */
export function judge(status: Status, stats: Stats, silence: number, usualRate: number): Verdict {
  if (status.returning !== undefined) {
    return RETURNING[status.returning];
  }
  if (status.state === 'closed') {
    return { level: 'gone', word: 'Not connected', text: 'This page is not in the game any more.' };
  }
  if (status.state === 'reconnecting' || status.quality === 'gone') {
    return gone(silence);
  }
  if (status.state !== 'playing') {
    return { level: 'gone', word: 'Connecting', text: '' };
  }
  if (silence >= SILENT_MS) {
    const text = `${silentFor(silence)} ${remedy(stats, usualRate)}`.trim();
    return { level: 'bad', word: 'Bad', text };
  }
  const isLossy = stats.loss > LOSSY || stats.lossUp > LOSSY_UP;
  if (status.quality === 'busy') {
    return busy(stats, isLossy, usualRate);
  }
  const isFair = isLossy || stats.rtt > LONG_ROUND_TRIP;
  if (status.quality === 'good' && !isFair) {
    return { level: 'good', word: 'Good', text: 'Updates come on time.' };
  }
  const text = `${trouble(stats)} ${remedy(stats, usualRate)}`.trim();
  const isBad = status.quality !== 'good' || stats.rtt > HOPELESS_ROUND_TRIP;
  return isBad ? { level: 'bad', word: 'Bad', text } : { level: 'fair', word: 'Fair', text };
}

/** The round trip tells nothing of the link then: what comes has to wait in the page. */
function busy(stats: Stats, isLossy: boolean, usualRate: number): Verdict {
  const device = 'This device is busy: the picture may stutter.';
  if (!isLossy) {
    return { level: 'good', word: 'Busy', text: `${device} The connection is fine.` };
  }
  const text = `${device} ${trouble(stats)} ${remedy(stats, usualRate)}`.trim();
  return { level: 'fair', word: 'Busy', text };
}

function gone(silence: number): Verdict {
  const since = silence >= SILENT_MS ? `${silentFor(silence)} ` : '';
  const text = `${since}${RECONNECTING}`;
  return { level: 'gone', word: 'Connection lost', text };
}

function silentFor(silence: number): string {
  return `Nothing came for ${(silence / 1000).toFixed(1)} s.`;
}

function trouble({ loss, lossUp, rtt }: Stats): string {
  if (rtt <= HOPELESS_ROUND_TRIP && loss > LOSSY) {
    return `Your link loses ${percent(loss)} of the updates.`;
  }
  if (rtt <= HOPELESS_ROUND_TRIP && lossUp > LOSSY_UP) {
    return `Your link loses ${percent(lossUp)} of what you send.`;
  }
  if (rtt > LONG_ROUND_TRIP) {
    return `It is ${Math.round(rtt)} ms to the server and back.`;
  }
  return 'Updates come late or with gaps.';
}

/** What client and server do about it at the moment. */
function remedy(stats: Stats, usualRate: number): string {
  if (stats.linksInUse > 1) {
    return 'A second link helps out.';
  }
  const isMoreDown = stats.snapshotRate > usualRate * MORE_OFTEN;
  return isMoreDown || stats.inputCopies > USUAL_COPIES ? 'We send more often.' : '';
}
