/**
 * When a game's events are handed out: as they arrive, or when the picture has reached the tick that
 * they happened at. In order either way. It knows no clock; it is told which tick is shown.
 */

import type { EventDeliveryMode, GameEventMessage } from './events.ts';

/** Most events that wait for their tick; of more, the oldest is handed out at once. */
const CAPACITY = 256;

/** The events of one client. */
export class EventDelivery {
  private readonly mode: EventDeliveryMode;
  private readonly deliver: (event: GameEventMessage) => void;
  private readonly waiting: GameEventMessage[] = [];
  private shownTick: number | undefined;

  constructor(mode: EventDeliveryMode, deliver: (event: GameEventMessage) => void) {
    this.mode = mode;
    this.deliver = deliver;
  }

  /** An event has arrived. */
  arrived(event: GameEventMessage): void {
    this.waiting.push(event);
    this.flush();
  }

  /** The picture shows this tick, with its fraction. */
  shown(tick: number): void {
    this.shownTick = tick;
    this.flush();
  }

  /** The session is over: its ticks are shown no more, so that what waits is handed out now. */
  end(): void {
    this.shownTick = undefined;
    this.flush();
  }

  private flush(): void {
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      const { shownTick, mode } = this;
      const isDue = mode === 'on-arrival' || shownTick === undefined || first.tick <= shownTick;
      if (!isDue && this.waiting.length <= CAPACITY) {
        return;
      }
      this.waiting.shift();
      this.deliver(first);
    }
  }
}
