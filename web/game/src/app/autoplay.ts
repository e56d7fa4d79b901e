/** Plays by itself, for `?autoplay=1`: the autopilot's hands, and what it presses between two lives and two games. */

import { Autopilot } from '../input/autopilot.ts';
import type { Session } from './session.ts';

/** After this time, dead, it asks to come back, in milliseconds. */
const RESPAWN_AFTER = 1_000;

/** After this time in the results it asks for the rematch, in milliseconds. */
const REMATCH_AFTER = 1_500;

/** One who plays alone. */
export class Autoplay {
  readonly pilot = new Autopilot();
  private deadSince: number | undefined;
  private resultsSince: number | undefined;

  constructor(private readonly session: Session) {}

  /** Some ten times a second. */
  update(now: number): void {
    const { session } = this;
    const { room } = session;
    this.deadSince = room.isOwnDead() ? (this.deadSince ?? now) : undefined;
    this.resultsSince = room.phase.phase === 'results' ? (this.resultsSince ?? now) : undefined;
    if (this.deadSince !== undefined && now - this.deadSince >= RESPAWN_AFTER) {
      session.respawn();
    }
    if (this.resultsSince !== undefined && now - this.resultsSince >= REMATCH_AFTER) {
      session.ready();
    }
  }
}
