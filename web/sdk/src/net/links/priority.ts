/**
 * How pressing a connect is, and how long a rung that failed waits by that until its next one. Pure;
 * times in milliseconds.
 */

/**
 * What a try is for. `climb`: another link carries the game well. `lost`: no link is left. `outage`:
 * links are there, and all are silent.
 */
export type Priority = 'climb' | 'lost' | 'outage';

/** Pause after the first failure and the longest, as failures double it. */
const PAUSES: Readonly<Record<Priority, readonly [number, number]>> = {
  climb: [5_000, 60_000],
  lost: [400, 2_000],
  outage: [250, 2_000],
};

/** In an outage a connect that fails at once says little; only after so many it is slowed down. */
const PATIENT_FAILURES = 12;

/** The pause after so many failures in a row; `jitter`, from 0 up to 1, is this client's own. */
export function backOff(priority: Priority, failures: number, jitter: number): number {
  if (failures === 0) {
    return 0;
  }
  const patient = priority === 'outage' ? PATIENT_FAILURES : 0;
  const [first, longest] = PAUSES[priority];
  const doubled = 2 ** Math.min(10, Math.max(0, failures - 1 - patient));
  return Math.min(longest, first * doubled) * (0.5 + jitter);
}
