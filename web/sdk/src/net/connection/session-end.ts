/**
 * Which closed links mean that the session is over, and why. Pure. `superseded` says two things on
 * the wire: that a link made room for a newer one, or that another page has the seat now. In the
 * second case no link of this session is let in any more, and no snapshot comes.
 */

import type { CloseReason } from '../../protocol/control.ts';
import type { LinkEnd } from '../transport/link.ts';

/** Reasons that end the session, whichever link brings them. */
const SESSION_REASONS = ['left', 'bad-token', 'expired', 'shutting-down', 'room-failed'] as const;

/** Why a session is over. */
export type SessionEndReason = Extract<
  CloseReason,
  (typeof SESSION_REASONS)[number] | 'superseded'
>;

/** The judge of one session's closed links. */
export class SessionEnd {
  private isSuperseded = false;

  /** A snapshot came in: the session lives. */
  onSnapshot(): void {
    this.isSuperseded = false;
  }

  /** A link has closed. Why the session is over, if it is. */
  judge({ reason }: LinkEnd, wasAttached: boolean): SessionEndReason | undefined {
    if (reason === 'superseded') {
      this.isSuperseded = true;
      return wasAttached ? undefined : reason;
    }
    const found = SESSION_REASONS.find((known) => known === reason);
    return found === 'expired' && this.isSuperseded ? 'superseded' : found;
  }
}
