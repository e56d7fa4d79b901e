/**
 * What prediction must know of the room at once, ahead of the picture: the movement rule and whether
 * circles may move at a tick. `room.ts` holds the rest, in step with the picture.
 */

import type { RoomFacts } from './adapter.ts';
import type { GameEvent, Phase, PhaseEvent } from './events.ts';
import type { MovementTuning } from './movement.ts';

/** The newest facts, whatever tick is shown. */
export class Timeline implements RoomFacts {
  movement: MovementTuning | undefined;
  playerCount = 0;
  private latest: PhaseEvent | undefined;

  /** The newest phase; nothing before the first. */
  get phase(): Phase | undefined {
    return this.latest?.phase;
  }

  reset(movement: MovementTuning): void {
    this.movement = movement;
    this.latest = undefined;
    this.playerCount = 0;
  }

  apply(event: GameEvent): void {
    if (event.kind === 'phase') {
      this.latest = event;
    } else if (event.kind === 'roster') {
      this.playerCount = event.entries.filter(({ isBot }) => !isBot).length;
    }
  }

  /** Circles move while the game runs; its start and its end are known ahead. */
  canMove(tick: number): boolean {
    switch (this.latest?.phase) {
      case 'playing':
        return tick > this.latest.started && tick <= this.latest.ends;
      case 'countdown':
        return tick > this.latest.ends;
      default:
        return false;
    }
  }
}
