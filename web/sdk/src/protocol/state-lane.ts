/**
 * One endpoint's memory of a session's State lane: datagrams sent and received, and the path as
 * their acknowledgements tell it. A session outlives its links. It moves no bytes itself; which
 * links there are is the ladder's matter.
 */

import { type AckObserver, type Freshness, ReceivedWindow, SentWindow } from './acks.ts';
import { Congestion } from './congestion.ts';
import { type DatagramHeader, LONGEST_DELAY, NOTHING_RECEIVED } from './datagram.ts';
import { PathEstimate } from './estimate.ts';

/** What is sent so soon after a standstill may still wait for others to leave. */
const CATCHING_UP_MS = 50;

/** State of one end of a session. Times in milliseconds. */
export class StateLane {
  readonly path = new PathEstimate();
  readonly congestion = new Congestion();
  private readonly received = new ReceivedWindow();
  private readonly sent = new SentWindow();
  private readonly outcomes: AckObserver | undefined;
  private excusedUntil = Number.NEGATIVE_INFINITY;

  /** `outcomes` is told what becomes of each datagram sent, once. */
  constructor(outcomes?: AckObserver) {
    this.outcomes = outcomes;
  }

  /** Takes the next number for a datagram about `tick`, with the acknowledgements due at `now`. */
  sendDatagram(now: number, tick: number): DatagramHeader {
    const sequence = this.sent.send(now, tick, now < this.excusedUntil);
    const ack = this.received.newest;
    if (ack === undefined) {
      return { sequence, ack: 0, ackBits: 0, ackDelay: NOTHING_RECEIVED };
    }
    const ackAge = Math.floor(Math.max(0, now - this.received.newestAt));
    return {
      sequence,
      ack,
      ackBits: this.received.bits,
      ackDelay: Math.min(ackAge, LONGEST_DELAY),
    };
  }

  /**
   * Takes a datagram's header: remembers its number, and what it acknowledges. The number is
   * acknowledged from now on, so this is only for a snapshot that was decoded and is kept as a
   * baseline. `waited`: for how long at most it has lain unread before `now`.
   */
  receiveDatagram(now: number, header: DatagramHeader, waited = 0): Freshness {
    const freshness = this.received.receive(now, header.sequence);
    if (freshness !== 'duplicate') {
      this.acknowledge(now, header, waited);
    }
    return freshness;
  }

  /**
   * This end itself stood still up to `now`: what it handed on may not have left, so that no loss
   * is told by it.
   */
  excuse(now: number): void {
    this.excusedUntil = now + CATCHING_UP_MS;
    this.sent.excuse();
    this.congestion.excuse();
  }

  /** How new a datagram with this header is, without taking it. */
  judge(header: DatagramHeader): Freshness {
    return this.received.judge(header.sequence);
  }

  /** The tick of the newest of our datagrams that the peer is known to hold. */
  get ackedTick(): number | undefined {
    return this.sent.newestAcked?.tick;
  }

  private acknowledge(now: number, header: DatagramHeader, waited: number): void {
    if (header.ackDelay === NOTHING_RECEIVED) {
      return;
    }
    const { path, congestion, outcomes } = this;
    const observer: AckObserver = {
      acked(datagram, isNewest) {
        if (!datagram.isExcused) {
          path.onOutcome(false);
          outcomes?.acked(datagram, isNewest);
        }
        if (isNewest && waited < Number.POSITIVE_INFINITY && header.ackDelay < LONGEST_DELAY) {
          const roundTrip = Math.max(0, now - datagram.sentAt - header.ackDelay);
          const lowest = path.lowestRoundTrip ?? roundTrip;
          const known = Math.min(roundTrip, Math.max(lowest, roundTrip - waited));
          path.onRoundTrip(known);
          congestion.onRoundTrip(now, known);
        }
      },
      lost(datagram) {
        if (!datagram.isExcused) {
          path.onOutcome(true);
          outcomes?.lost(datagram);
        }
      },
    };
    this.sent.acknowledge(header.ack, header.ackBits, observer);
  }
}
