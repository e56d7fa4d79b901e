/**
 * Which rungs are worth a fresh link at a moment. Pure: it looks at what was measured and opens
 * nothing. Times in milliseconds.
 */

import { RUNGS, type RungKind } from '../../rung.ts';
import type { Attempt } from './attempt.ts';
import { isBetter, type LinkTable } from './link-table.ts';
import type { Priority } from './priority.ts';
import type { RungRecord } from './rung-record.ts';

/** WebRTC, slow to open and heavy, starts when WebTransport has brought nothing after so long. */
const PATIENCE_MS = 700;
/** The others start when a session that was up before the join has brought nothing after so long. */
const HEAD_START_MS = 400;
/** After so long without a snapshot even a fresh link on the same rung is tried. */
const REFRESH_MS = 1_500;
/** The same while the player is cut off, and the least time between two links on one rung. */
const CUT_OFF_REFRESH_MS = 600;
/** In an outage longer than this even a link that has worked makes room for a fresh one. */
const HOPELESS_MS = 8_000;

/** How the game stands. */
export interface Situation {
  readonly current: Attempt | undefined;
  readonly priority: Priority;
  /** Whether a second link beside the present one may help. */
  readonly isTroubled: boolean;
  /** Since when no link carried the game, the last time. */
  readonly raceSince: number;
  /** The rung that won here lately. */
  readonly hint: RungKind | undefined;
  /** Whether a WebTransport session was up before the join. */
  readonly isWarm: boolean;
}

/** The rungs to open now, the best first. */
export function rungsToOpen(
  now: number,
  table: LinkTable,
  records: ReadonlyMap<RungKind, RungRecord>,
  situation: Situation,
): RungKind[] {
  return RUNGS.filter(
    (rung) =>
      records.get(rung)?.mayTry(now, situation.priority) === true &&
      isWorthIt(now, table, rung, records.size === 1, situation) &&
      (rung === 'webtransport' || !isAhead(now, table, records, situation)) &&
      (rung !== 'webrtc' || needsWebRtc(now, table, records, situation)),
  );
}

/**
 * The link to do without where there are too many: the one that has been silent for longest while
 * another was not. When all fell silent at once it was the path; none is let go then before long.
 */
export function dispensable(
  now: number,
  table: LinkTable,
  current: Attempt | undefined,
): Attempt | undefined {
  const isHopeless = table.pathSilence(now) > HOPELESS_MS;
  return table
    .all()
    .filter((attempt) => attempt !== current && attempt.hadSnapshot)
    .filter((attempt) => isHopeless || table.isOutlived(attempt))
    .sort((a, b) => a.lastSnapshotAt - b.lastSnapshotAt)[0];
}

function isWorthIt(
  now: number,
  table: LinkTable,
  rung: RungKind,
  isAlone: boolean,
  { current, isTroubled }: Situation,
): boolean {
  const isUseful = current === undefined || !isBetter(current.rung, rung) || isTroubled;
  const isMissed = table
    .all()
    .filter((attempt) => attempt.rung === rung)
    .every((attempt) => isSpent(now, table, attempt, current, isAlone));
  return isUseful && isMissed;
}

/** Whether a link no longer stands in the way of a fresh one on its rung. */
function isSpent(
  now: number,
  table: LinkTable,
  attempt: Attempt,
  current: Attempt | undefined,
  isAlone: boolean,
): boolean {
  if (!attempt.hadSnapshot || now - attempt.openedAt < CUT_OFF_REFRESH_MS) {
    return false;
  }
  // Where there is no other rung to go to, a fresh link is the only way out. TCP mends itself.
  const isOnlyWay = isAlone && attempt.rung !== 'websocket';
  const after = isOnlyWay ? table.suspectMs(now) : CUT_OFF_REFRESH_MS;
  return mute(now, table, attempt, current, after);
}

/** Whether WebTransport, up before the join, is to be waited for: it is the best, and the next snapshot will be its. */
function isAhead(
  now: number,
  table: LinkTable,
  records: ReadonlyMap<RungKind, RungRecord>,
  { isWarm, raceSince }: Situation,
): boolean {
  const hasFailed = records.get('webtransport')?.hasFailed !== false;
  return isWarm && !hasFailed && !table.hasPlayed && now - raceSince < HEAD_START_MS;
}

/** Whether WebTransport is missing, has failed, or has had its time. */
function needsWebRtc(
  now: number,
  table: LinkTable,
  records: ReadonlyMap<RungKind, RungRecord>,
  { current, hint, raceSince }: Situation,
): boolean {
  const best = records.get('webtransport');
  if (best === undefined || best.hasFailed || hint === 'webrtc') {
    return true;
  }
  const proven = table
    .all()
    .filter(({ rung, hadSnapshot }) => rung === 'webtransport' && hadSnapshot);
  return proven.length > 0
    ? proven.every((rival) => mute(now, table, rival, current, CUT_OFF_REFRESH_MS))
    : now - raceSince > PATIENCE_MS;
}

/**
 * Whether a link that should bring snapshots, or be heard, has not for so long that a fresh one may
 * do better: after `cutOffFor` where the player is cut off for as long, longer otherwise.
 */
function mute(
  now: number,
  table: LinkTable,
  attempt: Attempt,
  current: Attempt | undefined,
  cutOffFor: number,
): boolean {
  // A connect takes several round trips: where they are long, the silence may well be over before.
  const wait = Math.max(
    table.cutOff(now, current) > cutOffFor ? cutOffFor : REFRESH_MS,
    2 * table.roundTrip,
  );
  const useless = Math.max(table.silence(now, attempt), attempt.unheard(now));
  return attempt.use === 'active' && useless > wait;
}
