/** The events of a match up to a tick: the room as everybody knew it then, and who ate whom. */

import type { GameEvent } from '../model/events.ts';
import { Room } from '../model/room.ts';
import { MAX_SEATS, type View } from '../model/view.ts';
import type { TimedEvent, ViewFile } from './view-file.ts';

/** A seat that nobody has, for who looks at the whole arena. */
export const NOBODY = 255;

/** The room of one match, at the tick that was gone to last. */
export class Story {
  readonly room = new Room();
  private readonly events: readonly TimedEvent[];
  private readonly millisecondsPerTick: number;
  private next = 0;
  private tick = Number.NEGATIVE_INFINITY;
  /** Who ate each seat's circle; nobody where it lives or withered. */
  private eaters: (number | undefined)[] = [];

  constructor(file: ViewFile) {
    this.events = file.events;
    this.millisecondsPerTick = 1_000 / file.tickRate;
  }

  /** Goes to a tick, also back; `seen` hears of each event on a way onward. */
  go(tick: number, seen: (event: GameEvent) => void): void {
    if (tick < this.tick) {
      this.begin();
    }
    const isOnward = this.tick > Number.NEGATIVE_INFINITY;
    for (
      let timed = this.events[this.next];
      timed !== undefined && timed.tick <= tick;
      timed = this.events[this.next]
    ) {
      if (isOnward) {
        seen(timed.event);
      }
      this.take(timed);
      this.next += 1;
    }
    this.tick = tick;
    this.room.kills.expire(tick * this.millisecondsPerTick);
  }

  /** Through whose eyes everything is seen; {@link NOBODY} for nobody's. */
  lookAs(seat: number): void {
    if (this.room.ownSeat !== seat) {
      this.room.ownSeat = seat;
      this.room.version += 1;
    }
  }

  /**
   * Whose circle a player's camera is on: the own one, after death the eater's or whoever ate that
   * one, else the largest. The twin of `game/src/visibility.rs`.
   */
  focusOf(seat: number, view: View): number {
    let follows = seat;
    for (let step = 0; step < MAX_SEATS; step += 1) {
      if (view.hasCircle(follows)) {
        return follows;
      }
      const eater = this.eaters[follows];
      if (eater === undefined) {
        break;
      }
      follows = eater;
    }
    return largest(view) ?? seat;
  }

  private begin(): void {
    const { ownSeat } = this.room;
    this.room.clear();
    this.room.ownSeat = ownSeat;
    this.eaters = [];
    this.next = 0;
    this.tick = Number.NEGATIVE_INFINITY;
  }

  private take({ tick, event }: TimedEvent): void {
    this.room.apply(event, tick * this.millisecondsPerTick);
    if (event.kind === 'eaten') {
      this.eaters[event.victim] = event.eater;
    } else if (event.kind === 'roster') {
      const isHere = (seat: number): boolean => event.entries.some((entry) => entry.seat === seat);
      this.eaters = this.eaters.map((eater, victim) =>
        eater !== undefined && isHere(victim) && isHere(eater) ? eater : undefined,
      );
    }
  }
}

function largest(view: View): number | undefined {
  let found: number | undefined;
  let most = -1;
  for (let seat = 0; seat < MAX_SEATS; seat += 1) {
    const radius = view.circleRadius[seat] as number;
    if (view.hasCircle(seat) && radius > most) {
      most = radius;
      found = seat;
    }
  }
  return found;
}
