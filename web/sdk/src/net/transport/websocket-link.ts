/**
 * The WebSocket rung: one link made of a bundle of sockets. State is striped over them by sequence,
 * so that a lost segment holds up only its own socket; Control goes down one of them. It plays as
 * soon as one is attached, goes on with what is left when one dies and opens another, and opens
 * more where segments are lost.
 */

import type { Host } from '../../host.ts';
import { encodeClientFrame, MAX_STRIPES, type ServerFrame } from '../../protocol/control.ts';
import { type DatagramHeader, NOTHING_RECEIVED } from '../../protocol/datagram.ts';
import { MAX_CONTROL_FRAME } from '../../protocol/limits.ts';
import { type Link, LinkCore, type LinkEvents, type Ticket } from './link.ts';
import { Overtaking } from './overtaking.ts';
import { StripeHealth } from './stripe-health.ts';

/**
 * Sockets in a bundle, and in one whose sockets are often held up. A socket is free again a round
 * trip after its datagram: six, at twenty a second, outlast a round trip and a fade.
 */
export const STRIPES = 3;
const WIDE_STRIPES = 6;

const SUBPROTOCOL = 'game-session.v1';
const TAG_STATE = 0;
const TAG_CONTROL = 1;

/** How long a datagram waits for a socket to drain before it is tried again. */
const RETRY_MS = 15;

/** Pause before a dead socket is replaced, doubled by each that dies, up to the longest. */
const REPLACE_MS = 500;
const LONGEST_REPLACE_MS = 16_000;

/** A socket that lived for so long was no failure. */
const GOOD_MS = 10_000;

/** How long a further socket may take to attach: while it connects, no other can. */
const CONNECT_MS = 4_000;

/** Reasons that concern one socket or one link, not the whole session. */
const SOCKET_REASONS: ReadonlySet<string> = new Set(['stale-link', 'silent', 'too-slow']);

interface Stripe {
  /** This socket's own number within the bundle. */
  readonly number: number;
  /** Its place in the bundle; the place of one that died is free once the server knows. */
  readonly index: number;
  readonly socket: WebSocket;
  readonly openedAt: number;
  isAttached: boolean;
  cancelDeadline?: () => void;
}

/** Opens a bundle to `url`. */
export function openWebSocketLink(
  host: Host,
  url: string,
  ticket: Ticket,
  events: LinkEvents,
): Link {
  return new WebSocketLink(host, url, ticket, events);
}

class WebSocketLink implements Link {
  readonly rung = 'websocket';
  private readonly core: LinkCore;
  private readonly host: Host;
  private readonly ticket: Ticket;
  private readonly url: string;
  private readonly health = new StripeHealth();
  private readonly overtaking = new Overtaking();
  private live: Stripe[] = [];
  private id: number | undefined;
  private control: Stripe | undefined;
  private waiting: Uint8Array | undefined;
  private cancelRetry: (() => void) | undefined;
  private cancelReplace: (() => void) | undefined;
  private width = STRIPES;
  private opened = 0;
  private deaths = 0;

  constructor(host: Host, url: string, ticket: Ticket, events: LinkEvents) {
    this.host = host;
    this.url = url;
    this.ticket = ticket;
    this.core = new LinkCore(events, () => this.release());
    // Browsers connect to one address one after the other anyway: the rest follows the first.
    this.openStripe(0);
  }

  get stripes(): number {
    return this.live.filter((stripe) => stripe.isAttached).length;
  }

  get counters() {
    return this.core.counters;
  }

  sendState(datagram: Uint8Array): void {
    if (this.waiting !== undefined) {
      this.core.counters.unsent += 1;
    }
    this.waiting = datagram;
    this.flushState();
  }

  sendControl(frame: Uint8Array): void {
    const stripe = this.control ?? this.live.find(({ isAttached }) => isAttached);
    if (stripe !== undefined) {
      this.send(stripe, TAG_CONTROL, frame);
    }
  }

  close(): void {
    this.core.close();
  }

  private openStripe(index: number): void {
    const open = this.host.openWebSocket;
    if (open === undefined) {
      this.core.end({ reason: 'lost', detail: 'no WebSocket here' });
      return;
    }
    let socket: WebSocket;
    try {
      socket = open(this.url, SUBPROTOCOL);
    } catch (error) {
      this.core.end({ reason: 'lost', detail: String(error) });
      return;
    }
    socket.binaryType = 'arraybuffer';
    this.opened += 1;
    const openedAt = this.host.now();
    const stripe: Stripe = { number: this.opened, index, socket, openedAt, isAttached: false };
    this.live.push(stripe);
    if (this.opened > 1) {
      stripe.cancelDeadline = this.host.setTimer(() => this.giveUp(stripe), CONNECT_MS);
    }
    socket.onopen = () => this.onOpen(stripe);
    socket.onmessage = ({ data }) => this.receive(stripe, data);
    socket.onclose = ({ code, reason }) => this.drop(stripe, `socket closed: ${code} ${reason}`);
  }

  private giveUp(stripe: Stripe): void {
    if (!stripe.isAttached) {
      this.drop(stripe, 'no answer');
    }
  }

  private onOpen(stripe: Stripe): void {
    void this.attach(stripe);
    if (this.opened === 1) {
      for (let index = 1; index < STRIPES && !this.core.over; index += 1) {
        this.openStripe(index);
      }
    }
  }

  private async attach(stripe: Stripe): Promise<void> {
    try {
      const token = await this.ticket.token;
      if (!this.core.over && this.live.includes(stripe)) {
        this.id ??= this.ticket.takeId();
        const { index } = stripe;
        const frame = { kind: 'attach', token, link: this.id, stripe: index } as const;
        this.send(stripe, TAG_CONTROL, encodeClientFrame(frame));
      }
    } catch (error) {
      this.core.end({ reason: 'lost', detail: `no token: ${String(error)}` });
    }
  }

  private receive(stripe: Stripe, data: unknown): void {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : undefined;
    if (bytes === undefined || bytes.length > MAX_CONTROL_FRAME + 1) {
      this.core.end({ reason: 'protocol-violation', detail: 'no binary message, or too long' });
      return;
    }
    const payload = bytes.subarray(1);
    this.health.heard(this.host.now(), stripe.number);
    if (bytes[0] === TAG_STATE) {
      const datagram = this.core.readState(payload);
      if (!datagram.isMalformed) {
        this.noteHeader(datagram.header);
      }
      this.core.receiveState(datagram);
      this.buryDead();
    } else if (bytes[0] === TAG_CONTROL) {
      this.receiveFrame(stripe, this.core.receiveControl(payload));
    } else {
      this.core.end({ reason: 'protocol-violation', detail: 'unknown tag' });
    }
  }

  private receiveFrame(stripe: Stripe, frame: ServerFrame | undefined): void {
    if (frame?.kind === 'attached') {
      stripe.isAttached = true;
      this.health.add(this.host.now(), stripe.number);
      this.control ??= stripe;
    }
    const others = this.live.some((other) => other !== stripe && other.isAttached);
    if (frame?.kind === 'close' && SOCKET_REASONS.has(frame.reason) && others) {
      this.drop(stripe, frame.reason);
      return;
    }
    this.core.deliver(frame);
  }

  private noteHeader({ sequence, ack, ackBits, ackDelay }: DatagramHeader): void {
    if (ackDelay !== NOTHING_RECEIVED) {
      this.health.acknowledged(ack, ackBits);
    }
    this.noteOrder(sequence);
  }

  private noteOrder(sequence: number): void {
    const now = this.host.now();
    this.overtaking.came(now, sequence);
    if (this.width < WIDE_STRIPES && this.overtaking.isOften(now)) {
      this.width = WIDE_STRIPES;
      this.replaceLater();
    }
  }

  private buryDead(): void {
    const now = this.host.now();
    for (const stripe of this.live) {
      if (this.health.isDead(now, stripe.number)) {
        this.drop(stripe, 'nothing comes on it');
      }
    }
  }

  private drop(stripe: Stripe, detail: string): void {
    this.live = this.live.filter((other) => other !== stripe);
    this.health.remove(stripe.number);
    detach(stripe);
    if (this.live.length === 0) {
      this.core.end({ reason: 'lost', detail });
      return;
    }
    const lived = this.host.now() - stripe.openedAt;
    this.deaths = stripe.isAttached && lived > GOOD_MS ? 1 : this.deaths + 1;
    this.replaceLater();
    if (this.control === stripe) {
      this.control = this.live.find(({ isAttached }) => isAttached);
      this.core.moveControl();
    }
  }

  /** Opens another socket after a while; only one at a time. */
  private replaceLater(): void {
    const pause = Math.min(LONGEST_REPLACE_MS, REPLACE_MS * 2 ** (this.deaths - 1));
    this.cancelReplace ??= this.host.setTimer(
      () => {
        this.cancelReplace = undefined;
        this.replace();
      },
      pause * (0.5 + this.host.random()),
    );
  }

  private replace(): void {
    if (this.core.over || this.live.length >= this.width) {
      return;
    }
    // The server may not know yet that the place of the dead one is free: the spare one is.
    const places = Array.from({ length: MAX_STRIPES }, (_, at) => (this.opened + at) % MAX_STRIPES);
    const free = places.find((place) => this.live.every(({ index }) => index !== place));
    if (free !== undefined) {
      this.openStripe(free);
    }
    if (this.live.length < this.width) {
      this.replaceLater();
    }
  }

  /** Sends what waits on the socket whose turn it is, or on one where it need not wait. */
  private flushState(): void {
    const attached = this.live.filter(({ isAttached }) => isAttached);
    if (this.waiting === undefined || attached.length === 0) {
      return;
    }
    const now = this.host.now();
    const sequence = (this.waiting[0] ?? 0) | ((this.waiting[1] ?? 0) << 8);
    const turns = attached.map((_, step) => attached[(sequence + step) % attached.length]);
    const stripe = turns.find(
      (one) => one?.socket.bufferedAmount === 0 && !this.health.isStuck(now, one.number),
    );
    if (stripe !== undefined) {
      const datagram = this.waiting;
      this.waiting = undefined;
      this.health.sent(now, stripe.number, sequence);
      this.send(stripe, TAG_STATE, datagram);
      return;
    }
    this.cancelRetry ??= this.host.setTimer(() => {
      this.cancelRetry = undefined;
      this.flushState();
    }, RETRY_MS);
  }

  private send(stripe: Stripe, tag: number, payload: Uint8Array): void {
    if (this.core.over || stripe.socket.readyState !== WEBSOCKET_OPEN) {
      return;
    }
    const message = new Uint8Array(payload.length + 1);
    message[0] = tag;
    message.set(payload, 1);
    stripe.socket.send(message);
    this.core.counters.bytesOut += payload.length;
  }

  private release(): void {
    this.cancelRetry?.();
    this.cancelReplace?.();
    this.waiting = undefined;
    for (const stripe of this.live) {
      detach(stripe);
    }
    this.live = [];
    this.control = undefined;
  }
}

/** `WebSocket.OPEN`, which a host without the global lacks. */
const WEBSOCKET_OPEN = 1;

function detach({ socket, cancelDeadline }: Stripe): void {
  cancelDeadline?.();
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  socket.close();
}
