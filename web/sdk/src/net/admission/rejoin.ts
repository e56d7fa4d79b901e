/** Asks for a seat until there is one, at the moments of a schedule; one request at a time. */

import type { Host } from '../../host.ts';
import { type Admission, askForSeat, type SeatWish } from './join.ts';
import { isNotYet, isRoomFull, type RejoinSchedule } from './rejoin-schedule.ts';

/**
 * A page that stood still has not waited: the answer may be there and unread. Most milliseconds
 * between two polls that count.
 */
const LONGEST_STEP_MS = 500;

/** What a return is made of. */
export interface RejoinOptions {
  readonly host: Host;
  readonly origin: string;
  readonly wish: SeatWish;
  readonly schedule: RejoinSchedule;
}

/** What a return comes to; one of them is told, once. */
export interface RejoinEvents {
  admitted(admission: Admission): void;
  /** A refusal that waiting doesn't cure. */
  refused(error: unknown): void;
}

/** One return. */
export class Rejoin {
  private readonly options: RejoinOptions;
  private readonly events: RejoinEvents;
  private wish: SeatWish;
  private request: { waited: number; readonly abort: AbortController } | undefined;
  private polledAt: number;
  private isOver = false;

  constructor(options: RejoinOptions, events: RejoinEvents) {
    this.options = options;
    this.events = events;
    this.wish = options.wish;
    this.polledAt = options.host.now();
  }

  /** To be called often: tries begin in it. */
  poll(now: number): void {
    if (this.request !== undefined) {
      this.request.waited += Math.min(LONGEST_STEP_MS, now - this.polledAt);
    }
    this.polledAt = now;
    if (!this.isOver && this.options.schedule.isDue(now, this.request?.waited)) {
      void this.ask();
    }
  }

  /** Asks no more; nothing is told after it. */
  cancel(): void {
    this.isOver = true;
    this.request?.abort.abort();
  }

  private async ask(): Promise<void> {
    const { host, origin } = this.options;
    const request = { waited: 0, abort: new AbortController() };
    this.request?.abort.abort();
    this.request = request;
    // An answer that comes after its request was given up is nobody's.
    const isMine = (): boolean => !this.isOver && this.request === request;
    try {
      const admission = await askForSeat(host, origin, this.wish, request.abort.signal);
      if (isMine()) {
        this.isOver = true;
        this.events.admitted(admission);
      }
    } catch (error) {
      if (isMine()) {
        this.request = undefined;
        this.onRefusal(error);
      }
    }
  }

  private onRefusal(error: unknown): void {
    if (isRoomFull(error) && this.wish.room !== undefined) {
      this.wish = { ...this.wish, room: undefined, visibility: undefined, resume: undefined };
    } else if (!isNotYet(error)) {
      this.isOver = true;
      this.events.refused(error);
    }
  }
}
