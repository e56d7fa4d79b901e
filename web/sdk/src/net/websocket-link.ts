/**
 * The WebSocket rung: one link made of a bundle of sockets. State is striped over them by sequence,
 * so that a lost segment holds up only every third datagram; Control goes down one of them. It
 * plays as soon as one is attached, and goes on with what is left when one dies.
 */

import type { Host } from '../host.ts';
import { encodeClientFrame, type ServerFrame } from '../protocol/control.ts';
import { MAX_CONTROL_FRAME } from '../protocol/limits.ts';
import { type Link, LinkCore, type LinkEvents, type Ticket } from './link.ts';

/** Sockets in a bundle. */
export const STRIPES = 3;

const SUBPROTOCOL = 'battle-circles.v1';
const TAG_STATE = 0;
const TAG_CONTROL = 1;

/** How long a datagram waits for a socket to drain before it is tried again. */
const RETRY_MS = 15;

/** Reasons that concern one socket or one link, not the whole session. */
const SOCKET_REASONS: ReadonlySet<string> = new Set(['stale-link', 'silent', 'too-slow']);

interface Stripe {
  readonly index: number;
  readonly socket: WebSocket;
  isAttached: boolean;
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
  private live: Stripe[] = [];
  private id: number | undefined;
  private control: Stripe | undefined;
  private waiting: Uint8Array | undefined;
  private cancelRetry: (() => void) | undefined;

  constructor(host: Host, url: string, ticket: Ticket, events: LinkEvents) {
    this.host = host;
    this.ticket = ticket;
    this.core = new LinkCore(events, () => this.release());
    for (let index = 0; index < STRIPES && !this.core.over; index += 1) {
      this.openStripe(url, index);
    }
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

  private openStripe(url: string, index: number): void {
    const open = this.host.openWebSocket;
    if (open === undefined) {
      this.core.end({ reason: 'lost', detail: 'no WebSocket here' });
      return;
    }
    let socket: WebSocket;
    try {
      socket = open(url, SUBPROTOCOL);
    } catch (error) {
      this.core.end({ reason: 'lost', detail: String(error) });
      return;
    }
    socket.binaryType = 'arraybuffer';
    const stripe: Stripe = { index, socket, isAttached: false };
    this.live.push(stripe);
    socket.onopen = () => void this.attach(stripe);
    socket.onmessage = ({ data }) => this.receive(stripe, data);
    socket.onclose = ({ code, reason }) => this.drop(stripe, `socket closed: ${code} ${reason}`);
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
    if (bytes[0] === TAG_STATE) {
      this.core.receiveState(payload);
    } else if (bytes[0] === TAG_CONTROL) {
      this.receiveFrame(stripe, this.core.receiveControl(payload));
    } else {
      this.core.end({ reason: 'protocol-violation', detail: 'unknown tag' });
    }
  }

  private receiveFrame(stripe: Stripe, frame: ServerFrame | undefined): void {
    if (frame?.kind === 'attached') {
      stripe.isAttached = true;
      this.control ??= stripe;
    }
    const others = this.live.some((other) => other !== stripe && other.isAttached);
    if (frame?.kind === 'close' && SOCKET_REASONS.has(frame.reason) && others) {
      this.drop(stripe, frame.reason);
      return;
    }
    this.core.deliver(frame);
  }

  private drop(stripe: Stripe, detail: string): void {
    this.live = this.live.filter((other) => other !== stripe);
    detach(stripe.socket);
    if (this.live.length === 0) {
      this.core.end({ reason: 'lost', detail });
    } else if (this.control === stripe) {
      this.control = this.live.find(({ isAttached }) => isAttached);
      this.core.moveControl();
    }
  }

  /** Sends what waits on the socket whose turn it is, or on one that has nothing queued. */
  private flushState(): void {
    const attached = this.live.filter(({ isAttached }) => isAttached);
    if (this.waiting === undefined || attached.length === 0) {
      return;
    }
    const sequence = (this.waiting[0] ?? 0) | ((this.waiting[1] ?? 0) << 8);
    for (let step = 0; step < attached.length; step += 1) {
      const stripe = attached[(sequence + step) % attached.length];
      if (stripe?.socket.bufferedAmount === 0) {
        const datagram = this.waiting;
        this.waiting = undefined;
        this.send(stripe, TAG_STATE, datagram);
        return;
      }
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
    this.waiting = undefined;
    for (const { socket } of this.live) {
      detach(socket);
    }
    this.live = [];
    this.control = undefined;
  }
}

/** `WebSocket.OPEN`, which a host without the global lacks. */
const WEBSOCKET_OPEN = 1;

function detach(socket: WebSocket): void {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  socket.close();
}
