/**
 * Holds events back until the picture has reached their tick, so that a circle is reported eaten
 * when it is seen eaten and not a tenth of a second before. What happens to the player itself is
 * urgent: its circle is shown ahead of the picture.
 */

interface Waiting<Event> {
  readonly tick: number;
  readonly event: Event;
}

/** Events in the order of their coming; ticks never fall in it. */
export class EventQueue<Event> {
  private waiting: Waiting<Event>[] = [];
  /** So many of the first ones are due, whatever tick is shown. */
  private urgent = 0;

  /** An urgent event is due at once, and so are those before it. */
  push(tick: number, event: Event, isUrgent = false): void {
    this.waiting.push({ tick, event });
    if (isUrgent) {
      this.urgent = this.waiting.length;
    }
  }

  /** Hands out the next event that is due at the tick shown; any, while no picture is shown yet. */
  next(shownTick: number | undefined): Event | undefined {
    const first = this.waiting[0];
    const isEarly = shownTick !== undefined && this.urgent === 0;
    if (first === undefined || (isEarly && first.tick > shownTick)) {
      return undefined;
    }
    this.waiting.shift();
    this.urgent = Math.max(0, this.urgent - 1);
    return first.event;
  }

  clear(): void {
    this.waiting = [];
    this.urgent = 0;
  }
}
