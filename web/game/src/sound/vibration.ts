/** What of the game can be felt in the hand: few things, so that they mean something. */

import type { SoundName } from './sounds.ts';

/** Milliseconds of shaking, then of rest, and so on. */
const PATTERNS: Partial<Record<SoundName, readonly number[]>> = {
  circle: [22],
  eaten: [70, 50, 130],
  win: [40, 60, 40, 60, 150],
};

/** The pattern that goes with a sound; nothing for most. */
export function vibrationFor(sound: SoundName): readonly number[] | undefined {
  return PATTERNS[sound];
}

/** Shakes the device where it can and may. */
export function vibrate(pattern: readonly number[]): void {
  // Before the first press a browser refuses, and says so on the console.
  if ('vibrate' in navigator && navigator.userActivation?.hasBeenActive !== false) {
    navigator.vibrate([...pattern]);
  }
}
