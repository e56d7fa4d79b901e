/**
 * The session's reliable messages, over whichever link carries Control: numbered, acknowledged, and
 * sent again when Control moves.
 */

import type { Host } from '../host.ts';
import {
  type ClientMessage,
  encodeClientFrame,
  type ServerFrame,
  type ServerMessage,
} from '../protocol/control.ts';
import { Inbox, Outbox } from '../protocol/reliable.ts';
import type { Link } from './link.ts';

/** Messages unacknowledged for so long are sent again, in case the peer moved while they flew. */
const RESEND_MS = 2_000;

/** So often the link is told that we are still there, also while no State flows. */
const PING_MS = 5_000;

/** The Control lane of one session. */
export class ControlLane {
  private readonly host: Host;
  private readonly deliver: (message: ServerMessage) => void;
  private readonly outbox = new Outbox();
  private readonly inbox = new Inbox<ServerMessage>();
  private link: Link | undefined;
  private sentAt = 0;
  private pingedAt = 0;
  private pings = 0;

  /** `deliver` gets each message once and in order. */
  constructor(host: Host, deliver: (message: ServerMessage) => void) {
    this.host = host;
    this.deliver = deliver;
  }

  /** Sends a message. It is dropped when the peer has not acknowledged for ages. */
  send(message: ClientMessage): void {
    const frame = this.outbox.push((sequence) =>
      encodeClientFrame({ kind: 'message', sequence, message }),
    );
    if (frame !== undefined) {
      this.sentAt = this.host.now();
      this.link?.sendControl(frame);
    }
  }

  /** Takes a frame that came in on `link`. */
  onFrame(link: Link, frame: ServerFrame): void {
    if (frame.kind === 'ack') {
      this.outbox.acknowledge(frame.sequence);
    } else if (frame.kind === 'message') {
      this.inbox.accept(frame.sequence, frame.message, this.deliver);
      link.sendControl(encodeClientFrame({ kind: 'ack', sequence: this.inbox.delivered }));
    }
  }

  /** Carries on over this link; over none while there is none. */
  moveTo(link: Link | undefined): void {
    if (link !== this.link) {
      this.link = link;
      if (link !== undefined) {
        this.resume(link);
      }
    }
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

  /** To be called often. */
  poll(now: number): void {
    if (this.link === undefined) {
      return;
    }
    if (this.outbox.unacknowledged.length > 0 && now - this.sentAt > RESEND_MS) {
      this.resend(this.link);
    }
    if (now - this.pingedAt > PING_MS) {
      this.pingedAt = now;
      this.pings = (this.pings + 1) >>> 0;
      this.link.sendControl(encodeClientFrame({ kind: 'ping', number: this.pings }));
    }
  }

  private resend(link: Link): void {
    this.sentAt = this.host.now();
    for (const frame of this.outbox.unacknowledged) {
      link.sendControl(frame);
    }
  }
}
