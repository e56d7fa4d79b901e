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

  /** Hands out what is due at the tick shown; everything when no picture is shown yet. */
  release(shownTick: number | undefined, take: (event: Event, tick: number) => void): void {
    while (this.held.length > 0) {
      const next = this.held[0];
      if (next === undefined || (shownTick !== undefined && next.tick > shownTick)) {
        return;
      }
      this.held.shift();
      take(next.event, next.tick);
    }
  }

  clear(): void {
    this.held = [];
  }
}
