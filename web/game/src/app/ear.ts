/** What of the running game is heard and felt: leads the pond's moments to the voice. */

import { secondsLeft } from '../hud/format.ts';
import { boundaryMood } from '../model/boundary.ts';
import { danger } from '../model/danger.ts';
import type { GameEvent } from '../model/events.ts';
import type { Frame } from '../model/frame.ts';
import { wantsCalm } from '../settings/calm.ts';
import type { SettingsStore } from '../settings/settings.ts';
import { Hearing } from '../sound/hearing.ts';
import { Voice } from '../sound/voice.ts';
import type { Session } from './session.ts';

/** The game's ear. It is made with the game, so that the press that joins it may be heard. */
export class Ear {
  private readonly voice: Voice;
  private readonly hearing: Hearing;

  constructor(
    private readonly session: Session,
    settings: SettingsStore,
  ) {
    this.voice = new Voice(settings, () => wantsCalm(settings));
    this.hearing = new Hearing(this.voice.play);
  }

  /** The own circle dashes. */
  dash(): void {
    this.voice.play('dash');
  }

  /** A circle has eaten a knibble. */
  readonly knibble = (seat: number): void => {
    if (seat === this.session.room.ownSeat) {
      this.hearing.knibble(performance.now());
    }
  };

  event(event: GameEvent): void {
    this.hearing.event(event, this.session.room.ownSeat);
  }

  /** Once a frame. `alarm` is 1 outside the ring. */
  listen(frame: Frame, tick: number, alarm: number, now: number): void {
    const { room, tickRate } = this.session;
    const { phase, boundary, ends } = room.phase;
    this.hearing.moment(
      {
        phase,
        hasOwn: frame.hasOwn,
        mood: boundaryMood(boundary, tick),
        secondsLeft: secondsLeft(ends - tick, tickRate),
        danger: Math.max(alarm, danger(frame, room.ownSeat)),
      },
      now,
    );
  }

  /** Forgets what was, until the next game. */
  reset(): void {
    this.hearing.reset();
  }

  dispose(): void {
    this.voice.dispose();
  }
}
