/** Which rung won on this origin lately: a hint for the next ladder, never a decision. */

import { RUNGS, type RungKind } from '../../rung.ts';

/** A hint older than this many milliseconds says nothing about the network of today. */
const LIFETIME_MS = 10 * 60 * 1_000;

type Storage = { getItem(key: string): string | null; setItem(key: string, value: string): void };

/** The rung that won, if that was lately. `wallClock` in milliseconds since 1970. */
export function readHint(
  storage: Storage | undefined,
  origin: string,
  wallClock: number,
): RungKind | undefined {
  try {
    const [rung, at] = (storage?.getItem(key(origin)) ?? '').split(' ');
    const age = wallClock - Number(at);
    return age >= 0 && age < LIFETIME_MS ? RUNGS.find((known) => known === rung) : undefined;
  } catch {
    return undefined;
  }
}

/** Notes which rung won. Storage that is full or forbidden is done without. */
export function writeHint(
  storage: Storage | undefined,
  origin: string,
  wallClock: number,
  rung: RungKind,
): void {
  try {
    storage?.setItem(key(origin), `${rung} ${wallClock}`);
  } catch {
    // A hint that can't be kept costs a second at the next join, nothing more.
  }
}

function key(origin: string): string {
  return `battle-circles.rung ${origin}`;
}
