/**
 * What becomes of each link at a moment: used, held ready, made anew or closed. Pure: it looks at
 * what was measured and closes nothing. Times in milliseconds.
 */

import type { Attempt } from './attempt.ts';
import { isBetter, type Roster } from './roster.ts';
import { isTried } from './takeover.ts';

/** A link that brought nothing for so long, while others did or might have, is given up. */
const DEADLINE_MS = 8_000;
/** The lower links are closed when the current one has been good for so long. */
const GOOD_MS = 3_000;

/**
 * `active` and `standby`: how it is to be used. `again`: a fresh connect may do better. `failed`: it
 * brought nothing in time. `resting`: it is a better rung that starves as well. `needless`: the one
 * that carries the game is good. `waiting`: it is still connecting.
 */
export type Fate = 'active' | 'standby' | 'again' | 'failed' | 'resting' | 'needless' | 'waiting';

/** How the game stands. */
export interface Standing {
  readonly current: Attempt | undefined;
  /** Whether the player is cut off, so that any link would do. */
  readonly isUrgent: boolean;
  /** Whether a second link beside the present one is to be used. */
  readonly isTroubled: boolean;
  /** For how long the current link has been without trouble. */
  readonly goodFor: number;
  /** How long the attempt's rung must be good before it may climb. */
  readonly proof: number;
}

/** What becomes of one link; nobody is given up while the page is hidden. */
export function fate(now: number, roster: Roster, attempt: Attempt, standing: Standing): Fate {
  const { current, isUrgent, isTroubled, goodFor, proof } = standing;
  const isRival = current === undefined || isBetter(attempt.rung, current.rung);
  const isLoser = attempt !== current && !isRival;
  if (!roster.isPaused) {
    if (
      isUrgent &&
      !attempt.isAttached &&
      waited(now, roster, attempt, current) > attempt.patience
    ) {
      return 'again';
    }
    if (attempt !== current && hasFailed(now, roster, attempt, isUrgent)) {
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

/** How long it has been connecting while the player was cut off: a short fade delays, no more. */
function waited(
  now: number,
  roster: Roster,
  attempt: Attempt,
  current: Attempt | undefined,
): number {
  return Math.min(now - attempt.openedAt, roster.cutOff(now, current));
}

/**
 * Whether it had its time. While nothing comes at all the path is to blame: no link that has worked
 * is given up then.
 */
function hasFailed(now: number, roster: Roster, attempt: Attempt, isUrgent: boolean): boolean {
  const mayComeBack = isUrgent && attempt.hadSnapshot;
  const isExpected = attempt.use === 'active' && !mayComeBack;
  const useless = Math.max(roster.silence(now, attempt), attempt.unheard(now));
  return isExpected && useless > DEADLINE_MS;
}
