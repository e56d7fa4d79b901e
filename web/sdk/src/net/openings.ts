/**
 * Which rungs are worth a fresh link at a moment. Pure: it looks at what was measured and opens
 * nothing. Times in milliseconds.
 */

import { RUNGS, type RungKind } from '../rung.ts';
import type { Attempt } from './attempt.ts';
import { isBetter, type Roster } from './roster.ts';
import type { RungRecord, Urgency } from './rung-record.ts';

/** WebRTC, slow to open and heavy, starts when WebTransport has brought nothing after so long. */
const PATIENCE_MS = 700;
/** After so long without a snapshot even a fresh link on the same rung is tried. */
const REFRESH_MS = 1_500;
/** The same while no other link brings anything either. */
const URGENT_REFRESH_MS = 600;
/** In an outage longer than this even a link that has worked makes room for a fresh one. */
const HOPELESS_MS = 8_000;

/** How the game stands. */
export interface Situation {
  readonly current: Attempt | undefined;
  readonly urgency: Urgency;
  /** Whether a second link beside the present one may help. */
  readonly isTroubled: boolean;
  /** Since when no link carried the game, the last time. */
  readonly raceSince: number;
  /** The rung that won here lately. */
  readonly hint: RungKind | undefined;
}

/** The rungs to open now, the best first. */
export function openings(
  now: number,
  roster: Roster,
  records: ReadonlyMap<RungKind, RungRecord>,
  situation: Situation,
): RungKind[] {
  return RUNGS.filter(
    (rung) =>
      records.get(rung)?.mayTry(now, situation.urgency) === true &&
      isWorthIt(now, roster, rung, situation) &&
      (rung !== 'webrtc' || needsWebRtc(now, roster, records, situation)),
  );
}

/** The link to do without where there are too many: none, unless all have been silent for long. */
export function dispensable(
  now: number,
  roster: Roster,
  current: Attempt | undefined,
): Attempt | undefined {
  if (roster.pathSilence(now) <= HOPELESS_MS) {
    return undefined;
  }
  return roster
    .all()
    .filter((attempt) => attempt.hadSnapshot && attempt !== current)
    .sort((a, b) => a.lastSnapshotAt - b.lastSnapshotAt)[0];
}

function isWorthIt(now: number, roster: Roster, rung: RungKind, situation: Situation): boolean {
  const { current, isTroubled } = situation;
  const live = roster.all().filter((attempt) => attempt.rung === rung);
  const isMute = live.every((attempt) => attempt.hadSnapshot && mute(now, roster, attempt));
  const isUseful = current === undefined || !isBetter(current.rung, rung) || isTroubled;
  return live.length < 2 && isMute && isUseful;
}

/** Whether WebTransport is missing, has failed, or has had its time. */
function needsWebRtc(
  now: number,
  roster: Roster,
  records: ReadonlyMap<RungKind, RungRecord>,
  { hint, raceSince }: Situation,
): boolean {
  const best = records.get('webtransport');
  if (best === undefined || best.hasFailed || hint === 'webrtc') {
    return true;
  }
  const proven = roster
    .all()
    .filter(({ rung, hadSnapshot }) => rung === 'webtransport' && hadSnapshot);
  return proven.length > 0
    ? proven.every((rival) => mute(now, roster, rival))
    : now - raceSince > PATIENCE_MS;
}

/** Whether a link that should bring snapshots has not for so long that a fresh one may do better. */
function mute(now: number, roster: Roster, attempt: Attempt): boolean {
  const isUrgent = roster.pathSilence(now) > URGENT_REFRESH_MS;
  const after = isUrgent ? URGENT_REFRESH_MS : REFRESH_MS;
  return attempt.use === 'active' && roster.silence(now, attempt) > after;
}
