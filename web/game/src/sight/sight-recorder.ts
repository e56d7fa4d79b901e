/**
 * Records what the screen shows while one plays, the last five minutes, in memory of a fixed size.
 * It draws no conclusions, and nothing of the game hangs on it.
 */

import type { Frame } from '../model/frame.ts';
import { MAX_SEATS, QUARTERS } from '../model/view.ts';
import type { SeenCircle, Sight, SightRow } from './sight-file.ts';

/** Rows kept: five minutes. */
const ROWS = 6_000;

/** Milliseconds between two rows at least. */
const INTERVAL = 50;

/** Numbers of a circle in a row: x, y and radius. */
const NUMBERS = 3;

/** How a frame came about, besides where things are in it. */
export interface FrameFacts {
  readonly room: string;
  readonly tickRate: number;
  readonly ownSeat: number;
  readonly isExtrapolated: boolean;
  readonly isFrozen: boolean;
}

/** A ring of rows; a new one drives out the oldest. */
export class SightRecorder {
  private room = '';
  private tickRate = 0;
  private readonly ticks = new Float64Array(ROWS * 3);
  private readonly circles = new Uint16Array(ROWS);
  private readonly ownSeats = new Uint8Array(ROWS);
  private readonly flags = new Uint8Array(ROWS);
  private readonly places = new Int16Array(ROWS * MAX_SEATS * NUMBERS);
  private count = 0;
  private lastAt = Number.NEGATIVE_INFINITY;

  /**
   * Takes a frame that is drawn at `now`, in milliseconds, where one is due; keeps nothing of it.
   * What was seen of another room is forgotten.
   */
  note(frame: Frame, facts: FrameFacts, now: number): void {
    if (now - this.lastAt < INTERVAL) {
      return;
    }
    this.lastAt = now;
    this.settle(facts);
    const row = this.count % ROWS;
    this.count += 1;
    this.ticks.set([frame.serverTick, frame.tick, frame.ownTick], row * 3);
    this.circles[row] = frame.circles;
    this.ownSeats[row] = facts.ownSeat;
    this.flags[row] = (facts.isExtrapolated ? 1 : 0) | (facts.isFrozen ? 2 : 0);
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      const at = (row * MAX_SEATS + seat) * NUMBERS;
      this.places[at] = Math.round((frame.x[seat] as number) * QUARTERS);
      this.places[at + 1] = Math.round((frame.y[seat] as number) * QUARTERS);
      this.places[at + 2] = Math.round((frame.radius[seat] as number) * QUARTERS);
    }
  }

  /** What was seen so far, by a player of this name; nothing before there is any. */
  read(name: string): Sight | undefined {
    const { room, tickRate, count } = this;
    const kept = Math.min(count, ROWS);
    const rows = Array.from({ length: kept }, (_, index) => this.row(count - kept + index));
    return kept === 0 ? undefined : { room, name, tickRate, rows };
  }

  private settle({ room, tickRate }: FrameFacts): void {
    if (room !== this.room || tickRate !== this.tickRate) {
      this.count = 0;
      this.room = room;
      this.tickRate = tickRate;
    }
  }

  private row(number: number): SightRow {
    const row = number % ROWS;
    const flags = this.flags[row] as number;
    const circles: SeenCircle[] = [];
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      if (((this.circles[row] as number) & (1 << seat)) !== 0) {
        circles.push(this.circle(row, seat));
      }
    }
    return {
      serverTick: this.ticks[row * 3] as number,
      shownTick: this.ticks[row * 3 + 1] as number,
      ownTick: this.ticks[row * 3 + 2] as number,
      ownSeat: this.ownSeats[row] as number,
      isExtrapolated: (flags & 1) !== 0,
      isFrozen: (flags & 2) !== 0,
      circles,
    };
  }

  private circle(row: number, seat: number): SeenCircle {
    const at = (row * MAX_SEATS + seat) * NUMBERS;
    return {
      seat,
      x: this.places[at] as number,
      y: this.places[at + 1] as number,
      radius: (this.places[at + 2] as number) & 0xffff,
    };
  }
}
