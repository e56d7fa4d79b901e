/**
 * The session's reliable messages, over whichever link carries Control: numbered, acknowledged, and
 * sent again when Control moves.
 */

import type { Host } from '../../host.ts';
import {
  type ClientMessage,
  encodeClientFrame,
  type ServerFrame,
  type ServerMessage,
} from '../../protocol/control.ts';
import { Inbox, Outbox } from '../../protocol/reliable.ts';
import type { Link } from '../transport/link.ts';

/** Messages unacknowledged for so long are sent again, in case the peer moved while they flew. */
const RESEND_MS = 2_000;

/** So often the link is told that we are still there, also while no State flows. */
const PING_MS = 5_000;

/** Least time between two questions of {@link ControlLane.ask}. */
const ASK_MS = 1_000;

/** A link that owes an answer for so long, and for four round trips, is not trusted with Control. */
const ANSWER_MS = 600;

/** A link that could carry Control. */
export interface ControlCandidate {
  readonly link: Link;
  /** Whether it carries the game. */
  readonly isCurrent: boolean;
  /** Whether it brings snapshots. */
  readonly isAlive: boolean;
}

/** The Control lane of one session. */
export class ControlLane {
  private readonly host: Host;
  private readonly deliver: (message: ServerMessage) => void;
  private readonly outbox = new Outbox();
  private readonly inbox = new Inbox<ServerMessage>();
  private readonly distrusted = new WeakSet<Link>();
  private link: Link | undefined;
  private sentAt = 0;
  private lastHeardAt = Number.NEGATIVE_INFINITY;
  private pingedAt = 0;
  private pings = 0;
  private pongs = 0;
  private roundTrip = 0;

  /** `deliver` gets each message once and in order. */
  constructor(host: Host, deliver: (message: ServerMessage) => void) {
    this.host = host;
    this.deliver = deliver;
  }

  /** The round trip in milliseconds, once it is known. */
  setRoundTrip(roundTrip: number): void {
    this.roundTrip = roundTrip;
  }

  /** When the server last said anything here. */
  get heardAt(): number {
    return this.lastHeardAt;
  }

  /** Sends a message, unless the peer has not acknowledged for ages; says whether it was kept. */
  send(message: ClientMessage): boolean {
    const frame = this.outbox.push((sequence) =>
      encodeClientFrame({ kind: 'message', sequence, message }),
    );
    if (frame !== undefined) {
      this.sentAt = this.host.now();
      this.link?.sendControl(frame);
      // Its pong follows the message on the lane, so it tells whether the link has carried it.
      this.probe(this.sentAt);
    }
    return frame !== undefined;
  }

  /** Asks the server whether it is there, once a second at most. */
  ask(now: number): void {
    if (this.link !== undefined && now - this.pingedAt >= ASK_MS) {
      this.ping(now, this.link);
    }
  }

  /** Takes a frame that came in on `link`. */
  onFrame(link: Link, frame: ServerFrame): void {
    this.lastHeardAt = this.host.now();
    if (frame.kind === 'ack') {
      this.outbox.acknowledge(frame.sequence);
    } else if (frame.kind === 'message') {
      this.inbox.accept(frame.sequence, frame.message, this.deliver);
      link.sendControl(encodeClientFrame({ kind: 'ack', sequence: this.inbox.delivered }));
    } else if (frame.kind === 'pong') {
      this.distrusted.delete(link);
      this.pongs = link === this.link ? frame.number : this.pongs;
    }
  }

  /**
   * Carries on over the best of these: the one that carries the game, unless it owes an answer while
   * another brings snapshots. Without any, it waits for the next.
   */
  choose(now: number, candidates: readonly ControlCandidate[]): void {
    const present = candidates.find(({ link }) => link === this.link);
    const others = candidates.filter(({ link }) => link !== this.link);
    if (present !== undefined && this.owesAnswer(now) && others.some(({ isAlive }) => isAlive)) {
      this.distrusted.add(present.link);
    }
    const trusted = candidates.filter(({ link }) => !this.distrusted.has(link));
    const chosen =
      trusted.find(({ isCurrent }) => isCurrent) ??
      trusted.findLast(({ isAlive }) => isAlive) ??
      trusted.at(-1) ??
      candidates.at(-1);
    this.moveTo(now, chosen?.link);
  }

  /** Says on `link` what has been taken, and sends again what may have been lost with another. */
  resume(link: Link): void {
    if (this.inbox.delivered > 0) {
      link.sendControl(encodeClientFrame({ kind: 'ack', sequence: this.inbox.delivered }));
    }
    if (link === this.link) {
      this.resend(link);
    }
  }

  /** The page stood still for so long: no answer could be seen in that time. */
  excuse(stood: number): void {
    this.pingedAt += stood;
  }

  /** To be called often. */
  poll(now: number): void {
    if (this.link === undefined) {
      return;
    }
    if (this.outbox.unacknowledged.length > 0 && now - this.sentAt > RESEND_MS) {
      this.resend(this.link);
    }
    if (now - this.pingedAt > PING_MS) {
      this.ping(now, this.link);
    }
  }

  private moveTo(now: number, link: Link | undefined): void {
    if (link !== this.link) {
      this.link = link;
      this.pongs = this.pings;
      if (link !== undefined) {
        this.resume(link);
        this.probe(now);
      }
    }
  }

  private owesAnswer(now: number): boolean {
    const patience = Math.max(ANSWER_MS, 4 * this.roundTrip);
    return this.pongs !== this.pings && now - this.pingedAt > patience;
  }

  /** Asks the link whether it carries anything, unless it has been asked. */
  private probe(now: number): void {
    if (this.link !== undefined && this.pongs === this.pings) {
      this.ping(now, this.link);
    }
  }

  private ping(now: number, link: Link): void {
    this.pingedAt = now;
    this.pings = (this.pings + 1) >>> 0;
    link.sendControl(encodeClientFrame({ kind: 'ping', number: this.pings }));
  }

  private resend(link: Link): void {
    this.sentAt = this.host.now();
    for (const frame of this.outbox.unacknowledged) {
      link.sendControl(frame);
    }
  }
}
