/**
 * Snapshots as probes of the way down: which came, when, and which never did. The server numbers
 * each one that it sends, so a number that stays away is a probe that was lost.
 */

import type { DatagramRecord } from '../datagram-tap.ts';
import { sequenceDistance } from '../protocol/sequence.ts';
import type { PathTimes } from './path-times.ts';
import type { ProbeTrack } from './track.ts';

/** Numbers that are open at once; a power of two. */
const OPEN = 1_024;

/** Snapshots further apart than this had no link to go down: the server then sends none. */
const SILENCE_MS = 1_000;

/** What a browser holds for a page that stands still for so long may be more than it can hold. */
const OVERFLOW_MS = 1_000;

/** The snapshots of one session. Times in milliseconds. */
export class DownProbes {
  private readonly track: ProbeTrack;
  private readonly times: PathTimes;
  private readonly arrivals = new Float64Array(OPEN).fill(Number.NaN);
  /** `NaN` where it can't be told. */
  private readonly sent = new Float64Array(OPEN);
  private readonly waits = new Float64Array(OPEN);
  /** Numbers from here on are open; those up to `newest` may have come. */
  private head = 0;
  private newest = -1;
  private newestArrival = Number.POSITIVE_INFINITY;
  private lastArrival = Number.POSITIVE_INFINITY;

  constructor(track: ProbeTrack, times: PathTimes) {
    this.track = track;
    this.times = times;
  }

  /** Takes the arrival of a tick's snapshot, the first of its number; not one that is given up. */
  note(tick: number, { sequence, at, waited }: DatagramRecord): boolean {
    const isFirst = this.newest < 0;
    const number = isFirst
      ? sequence
      : this.newest + sequenceDistance(sequence, this.newest & 0xffff);
    if (isFirst) {
      this.head = number;
    }
    this.newest = Math.max(this.newest, number);
    this.newestArrival = at;
    if (number - this.head >= OPEN) {
      this.settle(Number.POSITIVE_INFINITY);
      this.head = number;
    }
    if (number < this.head) {
      return false;
    }
    const slot = number % OPEN;
    this.arrivals[slot] = at;
    this.sent[slot] = this.times.sentAt(tick) ?? Number.NaN;
    this.waits[slot] = waited;
    return true;
  }

  /** Tells of all that came by `before`, and of what is missing among it. */
  settle(before: number): void {
    for (let number = this.head; number <= this.newest; number += 1) {
      const slot = number % OPEN;
      const arrival = this.arrivals[slot] ?? Number.NaN;
      if (arrival > before) {
        return;
      }
      if (!Number.isNaN(arrival)) {
        this.tell(number, arrival, this.sent[slot] ?? Number.NaN, this.waits[slot] ?? 0);
        this.arrivals[slot] = Number.NaN;
        this.head = number + 1;
      }
    }
  }

  /** Whether so little has come up to `now` that nothing comes through. */
  isSilent(now: number): boolean {
    return now - this.newestArrival > SILENCE_MS;
  }

  private tell(number: number, arrival: number, sent: number, waited: number): void {
    const hasOverflown = waited > 0 && arrival - this.lastArrival > OVERFLOW_MS;
    this.lastArrival = arrival;
    if (hasOverflown || Number.isNaN(sent)) {
      this.track.forget();
    }
    if (Number.isNaN(sent)) {
      return;
    }
    if (this.track.spacing(number, sent) > SILENCE_MS) {
      this.track.silent(sent);
    }
    const isKnown = waited < Number.POSITIVE_INFINITY;
    this.track.passed(number, sent, isKnown ? Math.max(0, arrival - sent - waited) : undefined);
  }
}
