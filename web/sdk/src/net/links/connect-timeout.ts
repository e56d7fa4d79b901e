/**
 * How soon a connect is given up for a fresh one while no snapshot comes at all: a SYN or a QUIC
 * Initial that was lost in an outage waits a second and more for its own repeat, a fresh one does
 * not. Pure; times in milliseconds.
 */

import type { RungKind } from '../../rung.ts';

/** Round trips that a rung needs from the wish to the first snapshot, with some to spare. */
const ROUND_TRIPS: Readonly<Record<RungKind, number>> = {
  webtransport: 4,
  webrtc: 10,
  websocket: 3.5,
};

/** What both ends need beside the trips. */
const WORK_MS = 50;

const SHORTEST_MS = 300;
const LONGEST_MS = 4_000;

/** After so many repeats each waits longer, up to five times as long: the path may have become slow. */
const QUICK_REPEATS = 8;
const GROWTH = 1.25;
const MOST_GROWTH = 5;

/**
 * How long a step of a connect may take before it is made anew, after so many repeats. `roundTrip`
 * is what the path took before; `draw`, from 0 up to 1, spreads many clients by 15 % either way.
 */
export function connectTimeout(
  rung: RungKind,
  roundTrip: number,
  repeats: number,
  draw: number,
): number {
  const needed = WORK_MS + ROUND_TRIPS[rung] * roundTrip;
  const plain = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, needed));
  const growth = Math.min(MOST_GROWTH, GROWTH ** Math.max(0, repeats - QUICK_REPEATS));
  return plain * growth * (0.85 + 0.3 * draw);
}
