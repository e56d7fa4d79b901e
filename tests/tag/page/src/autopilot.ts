/** Steers for a person who isn't there. */

import type { Controls } from './controls.ts';
import { DOWN, LEFT, RIGHT, UP } from './wire.ts';

/** A loop, so that it soon comes by everywhere. */
const COURSE = [RIGHT, RIGHT | DOWN, DOWN, LEFT | DOWN, LEFT, LEFT | UP, UP, RIGHT | UP];
const TURN_MS = 700;
/** Turns between two dashes. */
const DASH_TURNS = 5;

/** Until `signal` says that it is over. */
export function startAutopilot(controls: Controls, signal: AbortSignal): void {
  let turns = 0;
  const timer = setInterval(() => {
    controls.turn(COURSE[turns % COURSE.length] ?? 0);
    turns += 1;
    if (turns % DASH_TURNS === 0) {
      controls.dash();
    }
  }, TURN_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
}
