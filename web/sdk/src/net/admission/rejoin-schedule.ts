/**
 * When a client whose session is over asks for a seat again, so that many of them come back spread
 * in time, and which refusals only mean "not yet". Pure: time and the random source are arguments,
 * times are in milliseconds.
 */

import { ConnectError } from '../../connect-error.ts';
import type { ReturnSlot } from '../../protocol/control.ts';

/** A request that hangs for so long is given up at the next slot; a younger one is waited for. */
const HUNG_MS = 2_000;

/** Without a slot of the server's: the first try within this time, the next ones this far apart. */
const RESTART_SPREAD_MS = 1_500;
const LOST_SPREAD_MS = 1_500;
const SHORTEST_EVERY_MS = 1_000;
const EVERY_SPREAD_MS = 1_000;

/** A session that lived for less than this may be lost again at once: pauses grow. */
const SHORT_LIFE_MS = 10_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

/** Statuses below 500 that time cures. */
const PASSING = new Set([408, 421, 425, 429]);

/** The moments of one client's tries: an even grid that doesn't shift, however late it is read. */
export class RejoinSchedule {
  private readonly everyMs: number;
  private next: number;

  /** `since`: when the session ended. `slot.everyMs` must not be 0. */
  constructor(since: number, slot: ReturnSlot) {
    this.everyMs = slot.everyMs;
    this.next = since + slot.afterMs;
  }

  /**
   * Whether to try now. `waited`: for how long the request that is still under way has been waited
   * for; it is to be aborted if the answer is yes.
   */
  isDue(now: number, waited: number | undefined): boolean {
    if (now < this.next) {
      return false;
    }
    this.next += this.everyMs * (1 + Math.floor((now - this.next) / this.everyMs));
    return waited === undefined || waited >= HUNG_MS;
  }
}

/** The slot after a goodbye: the server's own, to the millisecond, or where it gives none, a random one. */
export function slotAfterGoodbye(given: ReturnSlot | undefined, random: () => number): ReturnSlot {
  if (given !== undefined && given.everyMs > 0) {
    return given;
  }
  const afterMs = given?.afterMs || random() * RESTART_SPREAD_MS;
  return { afterMs, everyMs: ownEveryMs(random) };
}

/** The slot after a session was lost without a goodbye, with the pause from {@link LossPauses}. */
export function slotAfterLoss(pause: number, random: () => number): ReturnSlot {
  return { afterMs: pause + random() * LOST_SPREAD_MS, everyMs: ownEveryMs(random) };
}

/** The slot of a page that was loaded anew: nobody else comes at the same time. */
export function slotAfterReload(random: () => number): ReturnSlot {
  return { afterMs: 0, everyMs: ownEveryMs(random) };
}

function ownEveryMs(random: () => number): number {
  return SHORTEST_EVERY_MS + random() * EVERY_SPREAD_MS;
}

/** Keeps a client from joining in a fast loop where each session is lost soon after its join. */
export class LossPauses {
  private shortLives = 0;

  /** A session that lived for so long is lost: how long to wait before another. */
  onLoss(livedMs: number): number {
    if (livedMs >= SHORT_LIFE_MS) {
      this.shortLives = 0;
      return 0;
    }
    this.shortLives += 1;
    return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.shortLives - 1));
  }
}

/** Whether the same request may be granted later: no answer, a server that isn't ready, too many. */
export function isNotYet(error: unknown): boolean {
  if (!(error instanceof ConnectError)) {
    return true;
  }
  const { status } = error;
  return status !== undefined && (status >= 500 || PASSING.has(status));
}

/** Whether only this room has no place. */
export function isRoomFull(error: unknown): boolean {
  return error instanceof ConnectError && error.status === 409;
}
