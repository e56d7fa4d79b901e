/**
 * How often each input is sent: seldom on a clean path, oftener as datagrams are lost. Pure: it
 * takes what was measured and sends nothing.
 */

/** How inputs are sent for now. */
export interface InputPolicy {
  /** Whether datagrams are sent oftener than usual: the next one comes before it is missed. */
  readonly isHurried: boolean;
  /** Datagrams that carry each input. */
  readonly copies: number;
  /** Ticks by which inputs should be earlier than on a clean path, so that a copy is in time. */
  readonly spareTicks: number;
}

/** Nothing is lost, so nothing is sent twice. */
export const CLEAN: InputPolicy = { isHurried: false, copies: 1, spareTicks: 0 };

/** Next to nothing is lost: one spare copy rides over a single loss. */
export const CALM: InputPolicy = { isHurried: false, copies: 2, spareTicks: 0 };

/** From this share of losses on datagrams are hurried, until it has fallen below the other. */
const HURRY_SHARE = 0.02;
const CALM_SHARE = 0.005;

/** Share of inputs that may be lost with all their copies. */
const BEARABLE = 0.001;

/** Bounds of the copies while hurried; eight are 200 ms at 40 datagrams a second. */
const FEWEST_COPIES = 3;
const MOST_COPIES = 8;

/** Inputs are at most so much earlier: 67 ms at 60 ticks a second. */
const MOST_SPARE_TICKS = 4;

/**
 * The policy for this share of losses, of which so many come in a row. `before` is the one up to
 * now: a hurry ends later than it began.
 */
export function inputPolicy(loss: number, burst: number, before: InputPolicy): InputPolicy {
  const isHurried = loss >= (before.isHurried ? CALM_SHARE : HURRY_SHARE);
  if (!isHurried) {
    return loss < CALM_SHARE ? CLEAN : CALM;
  }
  const throws = Math.log(BEARABLE) / Math.log(Math.min(0.5, Math.max(HURRY_SHARE, loss)));
  const inRow = Math.round(burst);
  const copies = Math.ceil(throws) + inRow - 1;
  return {
    isHurried,
    copies: Math.min(MOST_COPIES, Math.max(FEWEST_COPIES, copies)),
    spareTicks: Math.min(MOST_SPARE_TICKS, Math.ceil(1.5 * inRow)),
  };
}
