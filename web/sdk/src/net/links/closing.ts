/**
 * What becomes of each link at a moment: used, held ready, made anew or closed. Pure: it looks at
 * what was measured and closes nothing. Times in milliseconds.
 */

import type { Attempt } from './attempt.ts';
import { isBetter, type LinkTable } from './link-table.ts';
import { isTried } from './promotion.ts';

/** A link that brought nothing for so long, while others did or might have, is given up. */
const DEADLINE_MS = 8_000;
/** The lower links are closed when the current one has been good for so long. */
const GOOD_MS = 3_000;

/**
 * `active` and `standby`: how it is to be used. `again`: a fresh connect may do better. `failed`: it
 * brought nothing in time. `resting`: it is a better rung that starves as well. `needless`: the one
 * that carries the game is good. `waiting`: it is still connecting.
 */
export type LinkDecision =
  | 'active'
  | 'standby'
  | 'again'
  | 'failed'
  | 'resting'
  | 'needless'
  | 'waiting';

/** How the game stands. */
export interface Standing {
  readonly current: Attempt | undefined;
  /** Whether the player is cut off, so that any link would do. */
  readonly isCutOff: boolean;
  /** Whether a second link beside the present one is to be used. */
  readonly isTroubled: boolean;
  /** For how long the current link has been without trouble. */
  readonly goodFor: number;
  /** How long the attempt's rung must be good before it may climb. */
  readonly proof: number;
}

/** What becomes of one link; nobody is given up while the page is hidden. */
export function decide(
  now: number,
  table: LinkTable,
  attempt: Attempt,
  standing: Standing,
): LinkDecision {
  const { current, isCutOff, isTroubled, goodFor, proof } = standing;
  const isRival = current === undefined || isBetter(attempt.rung, current.rung);
  const isLoser = attempt !== current && !isRival;
  if (!table.isPaused) {
    if (
      isCutOff &&
      !attempt.isAttached &&
      waited(now, table, attempt, current) > attempt.connectTimeout
    ) {
      return 'again';
    }
    if (attempt !== current && hasFailed(now, table, attempt, isCutOff)) {
      return 'failed';
    }
    if (isLoser && !isTroubled && goodFor >= GOOD_MS) {
      return 'needless';
    }
    if (isRival && current !== undefined && isTried(now, attempt, proof)) {
      return 'resting';
    }
  }
  if (!attempt.isAttached) {
    return 'waiting';
  }
  return isLoser && !isTroubled ? 'standby' : 'active';
}

/**
 * How long it has waited for an answer while the player was cut off: a short fade delays, no more.
 * An end that is busy answers late; made anew, the connect would only cost both the same work again.
 */
function waited(
  now: number,
  table: LinkTable,
  attempt: Attempt,
  current: Attempt | undefined,
): number {
  return Math.min(now - attempt.stepSince, table.cutOff(now, current));
}

/**
 * Whether it had its time. While nothing comes at all the path is to blame: no link that has worked
 * is given up then.
 */
function hasFailed(now: number, table: LinkTable, attempt: Attempt, isCutOff: boolean): boolean {
  const mayComeBack = isCutOff && attempt.hadSnapshot;
  const isExpected = attempt.use === 'active' && !mayComeBack;
  const useless = Math.max(table.silence(now, attempt), attempt.unheard(now));
  return isExpected && useless > DEADLINE_MS;
}
