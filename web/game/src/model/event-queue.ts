/**
 * Holds events back until the picture has reached their tick, so that a circle is reported eaten
 * when it is seen eaten and not a tenth of a second before.
 */

interface Held<Event> {
  readonly tick: number;
  readonly event: Event;
}

/** Events in the order of their coming; ticks never fall in it. */
export class EventQueue<Event> {
  private held: Held<Event>[] = [];

  push(tick: number, event: Event): void {
    this.held.push({ tick, event });
  }

  /** Hands out the next event that is due at the tick shown; any, while no picture is shown yet. */
  next(shownTick: number | undefined): Event | undefined {
    const first = this.held[0];
    if (first === undefined || (shownTick !== undefined && first.tick > shownTick)) {
      return undefined;
    }
    this.held.shift();
    return first.event;
  }

  clear(): void {
    this.held = [];
  }
}
