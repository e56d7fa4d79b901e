/**
 * Which sockets of a bundle carry anything: one whose segments are stuck takes no more State, one
 * from which nothing comes is dead. Pure; it opens and closes nothing. Times in milliseconds.
 */

import { sequenceDistance } from '../../protocol/sequence.ts';

/** A datagram is overdue when one sent so much later, on another socket, has been acknowledged. */
const OVERDUE_MS = 60;

/** A stuck socket gets one datagram each so often, to see whether it moves again. */
const PROBE_MS = 250;

/** A socket is dead when nothing came on it for so long, and on the others so much. */
const DEAD_MS = 3_000;
const MESSAGES = 24;

/** Datagrams remembered: about a second. */
const REMEMBERED = 64;

interface Sent {
  sequence: number;
  socket: number;
  at: number;
}

/** What is known of one socket. */
interface SocketHealth {
  /** When the newest acknowledged datagram was sent on it. */
  ackedAt: number;
  /** When the oldest was sent that came after and is not acknowledged. */
  waitingSince: number | undefined;
  probedAt: number;
  heardAt: number;
  /** Messages that came on other sockets since. */
  others: number;
}

/** The health of a bundle's sockets, each known by a number of its own. */
export class StripeHealth {
  private readonly sockets = new Map<number, SocketHealth>();
  private readonly ring: (Sent | undefined)[] = new Array<Sent | undefined>(REMEMBERED);
  private newestAckedAt = Number.NEGATIVE_INFINITY;

  /** A socket is attached. */
  add(now: number, socket: number): void {
    this.sockets.set(socket, {
      ackedAt: Number.NEGATIVE_INFINITY,
      waitingSince: undefined,
      probedAt: Number.NEGATIVE_INFINITY,
      heardAt: now,
      others: 0,
    });
  }

  remove(socket: number): void {
    this.sockets.delete(socket);
  }

  /** A message has come in on it. */
  heard(now: number, socket: number): void {
    for (const [other, health] of this.sockets) {
      if (other === socket) {
        health.heardAt = now;
        health.others = 0;
      } else {
        health.others += 1;
      }
    }
  }

  /** A datagram goes out on it. */
  sent(now: number, socket: number, sequence: number): void {
    this.ring[sequence % REMEMBERED] = { sequence, socket, at: now };
    const health = this.sockets.get(socket);
    if (health !== undefined) {
      health.waitingSince ??= now;
      health.probedAt = now;
    }
  }

  /** The server's header says which of them it holds. */
  acknowledged(ack: number, ackBits: number): void {
    for (let back = 0; back <= 32; back += 1) {
      const isAcked = back === 0 || (ackBits & (1 << (back - 1))) !== 0;
      const sent = this.ring[(ack - back) & (REMEMBERED - 1)];
      if (isAcked && sent !== undefined && sequenceDistance(ack, sent.sequence) === back) {
        this.newestAckedAt = Math.max(this.newestAckedAt, sent.at);
        this.clear(sent);
      }
    }
  }

  /** Whether State sent on it would only wait. */
  isStuck(now: number, socket: number): boolean {
    const health = this.sockets.get(socket);
    if (health?.waitingSince === undefined || now - health.probedAt >= PROBE_MS) {
      return false;
    }
    return this.newestAckedAt - health.waitingSince > OVERDUE_MS;
  }

  /** Whether nothing comes on it any more, although it should. */
  isDead(now: number, socket: number): boolean {
    const health = this.sockets.get(socket);
    return health !== undefined && now - health.heardAt > DEAD_MS && health.others >= MESSAGES;
  }

  /** What is acknowledged says that all sent before on the same socket has got through as well. */
  private clear({ socket, at }: Sent): void {
    const health = this.sockets.get(socket);
    if (health === undefined || at <= health.ackedAt) {
      return;
    }
    health.ackedAt = at;
    health.waitingSince = undefined;
    for (const sent of this.ring) {
      if (sent?.socket === socket && sent.at > at) {
        health.waitingSince = Math.min(health.waitingSince ?? sent.at, sent.at);
      }
    }
  }
}
