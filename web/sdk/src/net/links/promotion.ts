/**
 * Whether a link that brings snapshots is to carry the game in the place of the present one. Pure:
 * it looks at what the table measured and moves nothing. Times in milliseconds.
 */

import type { Attempt } from './attempt.ts';
import { isBetter, type LinkTable } from './link-table.ts';

/** From this share of its time on, a link that starves is left for one that does not. */
const STARVING_SHARE = 0.03;
/** The other one must have been watched for so long, and starve at most a third as much. */
const WATCHED_MS = 10_000;
/** A better rung takes over when it starves no more than this, or than the present one. */
const GOOD_SHARE = 0.01;
/** A better rung that has not proved itself so long after it might have is left alone. */
const TRIAL_MS = 20_000;

/**
 * Why a link takes the game over, for the log and for the ladder: the present one brings nothing or
 * is not heard, it starves, or the other one is better and that is no fault of the present one.
 */
export interface Promotion {
  readonly why: string;
  readonly cause: 'cut off' | 'starving' | 'better';
}

/**
 * Whether `attempt`, of which a snapshot has just come in, takes over from `current`. `isFirst`: the
 * snapshot is its first. `proof`: how long its rung must be good before it may climb.
 */
export function promotion(
  now: number,
  table: LinkTable,
  current: Attempt,
  attempt: Attempt,
  isFirst: boolean,
  proof: number,
): Promotion | undefined {
  if (attempt.uplinkLostAt !== undefined) {
    return undefined;
  }
  const silence = table.silence(now, current);
  // A link that was opened because of the silence need not wait until that is a stall.
  if (silence > (isFirst ? table.suspectMs(now) : table.stallMs)) {
    return { why: `${current.rung} is silent`, cause: 'cut off' };
  }
  if (current.uplinkLostAt !== undefined) {
    return { why: `${current.rung} is not heard`, cause: 'cut off' };
  }
  if (isOutplayed(now, current, attempt)) {
    return { why: `${current.rung} starves`, cause: 'starving' };
  }
  const isProven =
    isBetter(attempt.rung, current.rung) &&
    now - attempt.goodSince >= proof &&
    isGood(now, current, attempt) &&
    !isOutdone(now, table, current, attempt);
  return isProven ? { why: 'better rung', cause: 'better' } : undefined;
}

/** Whether a better rung has long had the time to prove itself, in vain. */
export function isTried(now: number, attempt: Attempt, proof: number): boolean {
  return now - Math.max(attempt.usedSince, attempt.cutOffAt) > proof + TRIAL_MS;
}

function isOutplayed(now: number, current: Attempt, attempt: Attempt): boolean {
  // A stall is answered at once, by silence; here it is the many short gaps that count.
  const since = Math.max(
    attempt.usedSince,
    attempt.goodSince,
    current.usedSince,
    current.goodSince,
  );
  const own = current.starvedSinceStall(now);
  const isWatched = now - since >= WATCHED_MS;
  return own >= STARVING_SHARE && isWatched && attempt.starvedSinceStall(now) <= own / 3;
}

function isGood(now: number, current: Attempt, attempt: Attempt): boolean {
  return attempt.starvedSinceStall(now) <= Math.max(GOOD_SHARE, current.starved(now));
}

/** Whether a still better rung brings snapshots, good ones, and is about to take over. */
function isOutdone(now: number, table: LinkTable, current: Attempt, attempt: Attempt): boolean {
  return table
    .all()
    .some(
      (other) =>
        isBetter(other.rung, attempt.rung) &&
        other.uplinkLostAt === undefined &&
        table.isAlive(now, other) &&
        isGood(now, current, other),
    );
}
