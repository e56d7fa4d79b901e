/**
 * Which closed links mean that the session is over, and why. Pure. `superseded` says two things on
 * the wire: that a link made room for a newer one, or that another page has the seat now. In the
 * second case no link of this session is let in any more, and no snapshot comes.
 */

import type { CloseReason, ReturnSlot } from '../../protocol/control.ts';
import type { LinkEnd } from '../transport/link.ts';

/** Reasons that end the session, whichever link brings them. */
const SESSION_REASONS = [
  'left',
  'bad-token',
  'expired',
  'shutting-down',
  'room-failed',
  'refused',
  'action-refused',
  'kicked',
  'room-ended',
  'backlogged',
] as const;

/** Why a session is over. */
export type SessionEndReason = Extract<
  CloseReason,
  (typeof SESSION_REASONS)[number] | 'superseded'
>;

/** The end of a session. */
export interface SessionOver {
  readonly reason: SessionEndReason;
  /** When to come back, if the server says so. */
  readonly returnSlot?: ReturnSlot | undefined;
  /** The game's own code, where the reason has one. */
  readonly code?: number | undefined;
}

/** The judge of one session's closed links. */
export class SessionEnd {
  private isSuperseded = false;

  /** A snapshot came in: the session lives. */
  onSnapshot(): void {
    this.isSuperseded = false;
  }

  /** A link has closed. Why the session is over, if it is. */
  judge({ reason, returnSlot, code }: LinkEnd, wasAttached: boolean): SessionOver | undefined {
    if (reason === 'superseded') {
      this.isSuperseded = true;
      return wasAttached ? undefined : { reason };
    }
    const found = SESSION_REASONS.find((known) => known === reason);
    if (found === 'expired' && this.isSuperseded) {
      return { reason: 'superseded' };
    }
    return found && { reason: found, returnSlot, code };
  }
}
