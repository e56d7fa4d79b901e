/** The boundary's course over a game: where the ring is, and where it goes next. Pure. */

import type { ShrinkStage } from './events.ts';

/** What the ring does at one moment. */
export type BoundaryMood = 'still' | 'closing' | 'final';

/** Radius in pixels at `tick` (fractions allowed); `fallback` where the game has no stages. */
export function boundaryRadius(
  stages: readonly ShrinkStage[],
  tick: number,
  fallback: number,
): number {
  let radius = stages[0]?.from ?? fallback;
  for (const stage of stages) {
    if (tick < stage.start) {
      return radius;
    }
    if (tick < stage.end) {
      const share = (tick - stage.start) / (stage.end - stage.start);
      return stage.from + (stage.to - stage.from) * share;
    }
    radius = stage.to;
  }
  return radius;
}

/** The stage that runs at `tick`, or else the next one; nothing after the last. */
export function upcomingStage(
  stages: readonly ShrinkStage[],
  tick: number,
): ShrinkStage | undefined {
  for (const stage of stages) {
    if (tick < stage.end) {
      return stage;
    }
  }
  return undefined;
}

/** Whether the ring stands, moves, or has come to its last place. */
export function boundaryMood(stages: readonly ShrinkStage[], tick: number): BoundaryMood {
  const stage = upcomingStage(stages, tick);
  if (stage === undefined) {
    return 'final';
  }
  return tick >= stage.start ? 'closing' : 'still';
}
