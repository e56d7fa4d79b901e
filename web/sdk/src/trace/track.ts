/**
 * One direction's probes in the order of their numbers: fills in when those were sent that left no
 * trace. What became of a probe is told to it.
 */

import type { ProbeRing } from './ring.ts';

/** Spacing of the probes that stand for a silence, in milliseconds; a row of a trace holds a second. */
const SILENT_INTERVAL_MS = 50;

/** Numbered probes on their way into a ring. Times in milliseconds. */
export class ProbeTrack {
  private readonly ring: ProbeRing;
  private number: number | undefined;
  private at = 0;
  private delay: number | undefined;

  constructor(ring: ProbeRing) {
    this.ring = ring;
  }

  /** Time between two probes, from the last one to this; 0 for the first. */
  spacing(number: number, at: number): number {
    return this.number === undefined ? 0 : (at - this.at) / Math.max(1, number - this.number);
  }

  /**
   * A probe came through. Where its `delay` can't be told the last one's is taken; before the first
   * the probe is left out.
   */
  passed(number: number, at: number, delay: number | undefined): void {
    this.advance(number, at);
    this.delay = delay ?? this.delay;
    if (this.delay !== undefined) {
      this.ring.push(at, this.delay);
    }
  }

  /** A probe did not come through; nor did those between the last one and this. */
  lost(number: number, at: number): void {
    this.advance(number, at);
    this.ring.push(at, Number.NaN);
  }

  /**
   * Nothing comes through before `until`, from `since` on; default: from soon after the last probe.
   * Probes that nobody sent stand for that.
   */
  silent(until: number, since = this.at + SILENT_INTERVAL_MS): void {
    const start = this.number === undefined ? until : since;
    for (let at = start; at < until; at += SILENT_INTERVAL_MS) {
      this.ring.push(at, Number.NaN);
    }
  }

  /** Numbers between the last one and the next say nothing. */
  forget(): void {
    this.number = undefined;
  }

  private advance(number: number, at: number): void {
    if (this.number !== undefined) {
      const spacing = this.spacing(number, at);
      for (let step = 1; step < number - this.number; step += 1) {
        this.ring.push(this.at + step * spacing, Number.NaN);
      }
    }
    this.number = number;
    this.at = at;
  }
}
