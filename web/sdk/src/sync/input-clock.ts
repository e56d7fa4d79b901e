/**
 * The client's own ticks: how far ahead of the server it must step so that its inputs are there
 * shortly before they are needed. Steered by the lead that snapshots report.
 */

import { NO_INPUT } from '../protocol/datagram.ts';
import { Lap } from './lap.ts';
import { RecentWindow } from './quantile.ts';

/** Ticks by which the client runs ahead of the newest snapshot it could hold. */
export class InputClock {
  /** Ticks by which inputs should be early on average, and nine times in ten at least. */
  private static readonly TARGET_LEAD = 2;
  private static readonly TARGET_LOW = 1;

  /** Before anything is known: 100 ms of round trip at 60 ticks a second, and the lead. */
  private static readonly FIRST_GUESS = 8;

  /** Reports are looked back on for so long, and believed from so many on. */
  private static readonly MEMORY_MS = 1_000;
  private static readonly FEWEST = 5;

  /** Share of an error put right in a second; small, for the effect shows a round trip later. */
  private static readonly GAIN = 0.4;

  /** An average error beyond this many ticks is put right at once. */
  private static readonly COARSE = 4;

  /** A client that is this many ticks behind steps at once: each input on the way is lost anyway. */
  private static readonly LEAP = 10;

  /** How much faster or slower than the server the client may step, and while far off. */
  private static readonly MAX_SLEW = 0.1;
  private static readonly MAX_SLEW_FAR = 0.5;

  /** A change shows in the reports a round trip and this later, in milliseconds. */
  private static readonly SETTLING_MS = 100;

  private readonly tickMs: number;
  private readonly most: number;
  private readonly leads = new RecentWindow(InputClock.MEMORY_MS, 64);
  private readonly reports = new Lap();
  private target = InputClock.FIRST_GUESS;
  private value = InputClock.FIRST_GUESS;
  private readonly lap = new Lap();
  private heedFrom = Number.NEGATIVE_INFINITY;
  private spare = 0;
  private isPathKnown = false;

  /** `tickMs` is a tick's length. The lead is never over a second. */
  constructor(tickMs: number) {
    this.tickMs = tickMs;
    this.most = 1_000 / tickMs;
  }

  /**
   * Takes a snapshot's report. `roundTrip` in milliseconds, once it is known; before that no input
   * of ours can have been reported on.
   */
  onReport(now: number, lead: number, roundTrip: number | undefined): void {
    if (roundTrip === undefined) {
      return;
    }
    if (!this.isPathKnown) {
      this.isPathKnown = true;
      this.value = this.bounded(roundTrip / this.tickMs + InputClock.TARGET_LEAD + 1);
      this.step(now, roundTrip, this.value);
      return;
    }
    if (now < this.heedFrom || lead === NO_INPUT) {
      return;
    }
    this.leads.push(now, lead);
    const elapsed = Math.min(InputClock.MEMORY_MS, this.reports.next(now));
    const error = this.error(now);
    const isSettled = this.leads.size(now) >= InputClock.FEWEST;
    if (isSettled && Math.abs(error) > InputClock.COARSE) {
      this.step(now, roundTrip, this.target + error);
    } else {
      this.target = this.bounded(this.target + error * InputClock.GAIN * (elapsed / 1_000));
    }
  }

  /** Inputs should be early by so many ticks more, so that a lost one's copy is in time. */
  setSpare(ticks: number): void {
    this.spare = ticks;
  }

  /** The page stood still up to now and sent nothing: reports of that time say nothing. */
  disregard(now: number, roundTrip: number | undefined): void {
    this.heedFrom = Math.max(this.heedFrom, now + (roundTrip ?? 0) + InputClock.SETTLING_MS);
  }

  /** How many ticks to be ahead at `now`; it moves smoothly. */
  aheadAt(now: number): number {
    const elapsed = this.lap.next(now);
    const error = this.target - this.value;
    if (error > InputClock.LEAP) {
      this.value = this.target;
      return this.value;
    }
    const isFar = Math.abs(error) > InputClock.COARSE;
    const slew = isFar ? InputClock.MAX_SLEW_FAR : InputClock.MAX_SLEW;
    const most = (elapsed / this.tickMs) * slew;
    this.value += Math.min(most, Math.max(-most, error));
    return this.value;
  }

  private error(now: number): number {
    const average = InputClock.TARGET_LEAD + this.spare - this.leads.mean(now);
    const low = InputClock.TARGET_LOW + this.spare - this.leads.quantile(now, 0.1);
    return Math.max(average, low);
  }

  /** Moves the target at once, and heeds no report that can't know of it yet. */
  private step(now: number, roundTrip: number, target: number): void {
    this.target = this.bounded(target);
    const error = this.target - this.value;
    const distance = error > InputClock.LEAP ? 0 : Math.abs(error);
    this.leads.clear();
    this.heedFrom =
      now + roundTrip + InputClock.SETTLING_MS + (distance * this.tickMs) / InputClock.MAX_SLEW_FAR;
  }

  private bounded(ahead: number): number {
    return Math.min(this.most, Math.max(1, ahead));
  }
}
