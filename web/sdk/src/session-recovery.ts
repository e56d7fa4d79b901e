/**
 * Gets a client its next session when one is over, or when its page was loaded anew: chooses when to
 * ask, asks, and says meanwhile why the player has to wait.
 */

import type { CloseCause, Returning } from './events.ts';
import type { Host } from './host.ts';
import type { SeatWish } from './net/admission/join.ts';
import { Rejoin, type RejoinEvents } from './net/admission/rejoin.ts';
import {
  LossPauses,
  RejoinSchedule,
  slotAfterGoodbye,
  slotAfterLoss,
  slotAfterReload,
} from './net/admission/rejoin-schedule.ts';
import type { SessionEndReason, SessionOver } from './net/connection/session-end.ts';
import type { ReturnSlot } from './protocol/control.ts';

/** Ends of a session after which the client doesn't come back by itself. */
const FINAL_CAUSES = [
  'left',
  'superseded',
  'refused',
  'action-refused',
  'kicked',
  'room-ended',
] as const satisfies readonly CloseCause[];

/** Why the client is closed after such an end; nothing where it comes back. */
export function finalCause(reason: SessionEndReason): CloseCause | undefined {
  return FINAL_CAUSES.find((known) => known === reason);
}

/** The recovery of one client's sessions. */
export class SessionRecovery {
  private readonly host: Host;
  private readonly origin: string;
  private readonly events: RejoinEvents;
  private readonly pauses = new LossPauses();
  private readonly random = (): number => this.host.random();
  private rejoin: Rejoin | undefined;
  private reason: Returning | undefined;

  constructor(host: Host, origin: string, events: RejoinEvents) {
    this.host = host;
    this.origin = origin;
    this.events = events;
  }

  /** Why the player waits for another session, from the end of the last to the first snapshot. */
  get returning(): Returning | undefined {
    return this.reason;
  }

  /** Whether there is no session now, and one is asked for. */
  get isAsking(): boolean {
    return this.rejoin !== undefined;
  }

  /** The page was loaded anew. */
  afterReload(wish: SeatWish): void {
    this.ask(wish, slotAfterReload(this.random));
  }

  /** A session that had lived for so many milliseconds is over, and not for good. */
  afterEnd({ reason, returnSlot }: SessionOver, wish: SeatWish, livedMs: number): void {
    if (reason === 'shutting-down') {
      this.reason = 'restart';
      this.ask(wish, slotAfterGoodbye(returnSlot, this.random));
    } else {
      this.reason = 'lost';
      this.ask(wish, slotAfterLoss(this.pauses.onLoss(livedMs), this.random));
    }
  }

  /** To be called often. */
  poll(now: number): void {
    this.rejoin?.poll(now);
  }

  /** The session has brought a snapshot: the player waits no more. */
  played(): void {
    if (!this.isAsking) {
      this.reason = undefined;
    }
  }

  cancel(): void {
    this.rejoin?.cancel();
  }

  private ask(wish: SeatWish, slot: ReturnSlot): void {
    const { host, origin } = this;
    const schedule = new RejoinSchedule(host.now(), slot);
    this.rejoin = new Rejoin(
      { host, origin, wish, schedule },
      {
        admitted: (admission) => {
          this.rejoin = undefined;
          this.events.admitted(admission);
        },
        refused: (error) => this.events.refused(error),
      },
    );
  }
}
