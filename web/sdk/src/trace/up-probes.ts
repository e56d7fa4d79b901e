/**
 * Our own datagrams as probes of the way up: which the server holds, by its acknowledgements, and
 * when it got them. An acknowledgement tells of 33 numbers; of what no acknowledgement covers,
 * because none came in time, the numbers after it must tell.
 */

import type { DatagramRecord } from '../datagram-tap.ts';
import { sequenceDistance } from '../protocol/sequence.ts';
import type { PathTimes } from './path-times.ts';
import type { ProbeTrack } from './track.ts';

/** Numbers that are open at once; a power of two. */
const OPEN = 1_024;

/** Numbers that an acknowledgement tells of besides the one that it names. */
const ACK_BITS = 32;

/** So many numbers after one that no acknowledgement covers tell what became of it. */
const WITNESSES = 8;

/** What acknowledgements have said of a number. */
const UNKNOWN = 0;
const MISSING = 1;
const ACKED = 2;

/** The datagrams of one session that went out. Times in milliseconds. */
export class UpProbes {
  private readonly track: ProbeTrack;
  private readonly times: PathTimes;
  /** `NaN`: the number was used, but no link took the datagram. */
  private readonly sent = new Float64Array(OPEN).fill(Number.NaN);
  private readonly outcomes = new Uint8Array(OPEN);
  /** When the server got the datagram, by the snapshot that first named it; `NaN` if unknown. */
  private readonly received = new Float64Array(OPEN).fill(Number.NaN);
  private head = 0;
  private newest = -1;
  private newestKnown = -1;

  constructor(track: ProbeTrack, times: PathTimes) {
    this.track = track;
    this.times = times;
  }

  /** Takes a datagram that was handed to a link, the first time. */
  note({ sequence, at }: DatagramRecord): void {
    const isFirst = this.newest < 0;
    const number = isFirst
      ? sequence
      : this.newest + sequenceDistance(sequence, this.newest & 0xffff);
    if (isFirst) {
      this.head = number;
    }
    this.newest = Math.max(this.newest, number);
    while (this.newest - this.head >= OPEN) {
      this.tellHead();
    }
    if (number >= this.head) {
      this.sent[number % OPEN] = at;
    }
  }

  /** Takes what a tick's snapshot acknowledges. */
  onSnapshot(tick: number, { at, waited, ack, ackBits, ackDelay }: DatagramRecord): void {
    if (ack === undefined || this.newest < 0) {
      return;
    }
    const named = this.newest + sequenceDistance(ack, this.newest & 0xffff);
    for (let back = 0; back <= ACK_BITS; back += 1) {
      const number = named - back;
      if (number >= this.head && number <= this.newest) {
        const isAcked = back === 0 || ((ackBits >>> (back - 1)) & 1) === 1;
        const slot = number % OPEN;
        this.outcomes[slot] = Math.max(this.outcomes[slot] ?? UNKNOWN, isAcked ? ACKED : MISSING);
        this.newestKnown = Math.max(this.newestKnown, number);
      }
    }
    const slot = named % OPEN;
    const isOpen = named >= this.head && named <= this.newest;
    if (isOpen && ackDelay !== undefined && Number.isNaN(this.received[slot])) {
      if (waited === 0) {
        this.times.onRoundTrip(at, at - (this.sent[slot] ?? at) - ackDelay);
      }
      this.received[slot] = (this.times.sentAt(tick) ?? Number.NaN) - ackDelay;
    }
  }

  /** Tells of all that went out by `before`, as far as acknowledgements say anything yet. */
  settle(before: number): void {
    while (this.head <= this.newest) {
      const slot = this.head % OPEN;
      const isEarly = (this.sent[slot] ?? 0) > before;
      const isOpen = this.outcomes[slot] === UNKNOWN && this.head > this.newestKnown;
      if (isEarly || isOpen) {
        return;
      }
      this.tellHead();
    }
  }

  /** When the oldest datagram went out of which nothing is known yet. */
  get openSince(): number | undefined {
    return this.head <= this.newest ? this.sent[this.head % OPEN] : undefined;
  }

  private tellHead(): void {
    const number = this.head;
    const slot = number % OPEN;
    const sent = this.sent[slot] ?? Number.NaN;
    if (!Number.isNaN(sent)) {
      if (this.isThrough(number)) {
        const delay = (this.received[slot] ?? Number.NaN) - sent;
        this.track.passed(number, sent, Number.isNaN(delay) ? undefined : Math.max(0, delay));
      } else {
        this.track.lost(number, sent);
      }
    }
    this.head = number + 1;
    this.sent[slot] = Number.NaN;
    this.received[slot] = Number.NaN;
    this.outcomes[slot] = UNKNOWN;
  }

  private isThrough(number: number): boolean {
    const outcome = this.outcomes[number % OPEN];
    return outcome === UNKNOWN ? this.witnesses(number) : outcome === ACKED;
  }

  /** Whether at least half of the next numbers that are known came through. */
  private witnesses(number: number): boolean {
    let known = 0;
    let acked = 0;
    for (let next = number + 1; next <= this.newestKnown && known < WITNESSES; next += 1) {
      const outcome = this.outcomes[next % OPEN];
      known += outcome === UNKNOWN ? 0 : 1;
      acked += outcome === ACKED ? 1 : 0;
    }
    return known > 0 && 2 * acked >= known;
  }
}
