// The work that every server here does, and every player: what our own `load` does with `--transport-only`.

/** Bytes of a snapshot. */
export const SNAPSHOT = Buffer.alloc(256, 0x5a);

/** Snapshots a second to each player. */
export const SNAPSHOT_RATE = 20;

/** What a player sends, and how often a second. */
export const INPUT = Buffer.alloc(20, 0x11);
export const INPUT_RATE = 30;

/** Places in a room. */
export const SEATS = 12;

/** Calls this so many times a second, and makes up for calls that came late. */
export function everySecond(rate, call) {
  const begun = performance.now();
  let made = 0;
  return setInterval(() => {
    const due = Math.floor(((performance.now() - begun) * rate) / 1_000);
    for (; made < due; made += 1) call();
  }, 1_000 / rate);
}
