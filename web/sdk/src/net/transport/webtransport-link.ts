/**
 * The WebTransport rung: datagrams for State, one bidirectional stream that we open for Control.
 */

import type { Host } from '../../host.ts';
import { encodeClientFrame } from '../../protocol/control.ts';
import type { RungOffer } from '../../rung.ts';
import { FrameSplitter, withLength } from './framing.ts';
import { type Link, LinkCore, type LinkEvents, type Ticket } from './link.ts';
import type { WarmSession } from './warm-session.ts';
import { webTransportOptions } from './webtransport-options.ts';

type Offer = Extract<RungOffer, { kind: 'webtransport' }>;

/** Datagrams that may wait for our reader: a stalled main thread should not lose them all. */
const INCOMING_HIGH_WATER_MARK = 32;

/** A datagram of ours older than this many milliseconds is worth nothing any more. */
const OUTGOING_MAX_AGE = 100;

/** Safari has `createWritable()` in the place of `writable`. */
type Datagrams = Omit<WebTransportDatagramDuplexStream, 'writable'> & {
  readonly writable?: WritableStream<Uint8Array>;
  createWritable?(): WritableStream<Uint8Array>;
};

/** Opens a session to the offer's URL, or takes the one that is warm. */
export function openWebTransportLink(
  host: Host,
  offer: Offer,
  warm: WarmSession | undefined,
  ticket: Ticket,
  events: LinkEvents,
): Link {
  return new WebTransportLink(() => warm?.take(offer) ?? open(host, offer), ticket, events);
}

function open({ openWebTransport }: Host, { url, certificateHashes }: Offer): WebTransport {
  if (openWebTransport === undefined) {
    throw new Error('no WebTransport here');
  }
  return openWebTransport(url, webTransportOptions(certificateHashes));
}

class WebTransportLink implements Link {
  readonly rung = 'webtransport';
  readonly stripes = 1;
  private readonly core: LinkCore;
  private transport: WebTransport | undefined;
  private datagrams: WritableStreamDefaultWriter<Uint8Array> | undefined;
  private control: WritableStreamDefaultWriter<Uint8Array> | undefined;
  private waiting: Uint8Array | undefined;
  private isDraining = false;

  constructor(session: () => WebTransport, ticket: Ticket, events: LinkEvents) {
    this.core = new LinkCore(events, () => this.release());
    this.open(session, ticket).catch((error: unknown) => this.fail(error));
  }

  get counters() {
    return this.core.counters;
  }

  sendState(datagram: Uint8Array): void {
    const writer = this.datagrams;
    if (this.core.over || writer === undefined) {
      return;
    }
    if ((writer.desiredSize ?? 0) > 0) {
      this.write(writer, datagram);
      return;
    }
    if (this.waiting !== undefined) {
      this.core.counters.unsent += 1;
    }
    this.waiting = datagram;
    if (!this.isDraining) {
      this.isDraining = true;
      writer.ready.then(
        () => this.flush(writer),
        (error: unknown) => this.fail(error),
      );
    }
  }

  sendControl(frame: Uint8Array): void {
    if (!this.core.over && this.control !== undefined) {
      this.write(this.control, withLength(frame));
    }
  }

  close(): void {
    this.core.close();
  }

  private async open(session: () => WebTransport, ticket: Ticket): Promise<void> {
    const transport = session();
    this.transport = transport;
    transport.closed.then(
      ({ reason }) => this.fail(`closed ${reason ?? ''}`),
      (error: unknown) => this.fail(error),
    );
    await transport.ready;
    const [token, stream] = await Promise.all([
      ticket.token,
      transport.createBidirectionalStream(),
    ]);
    if (this.core.over) {
      return;
    }
    this.openDatagrams(transport.datagrams as Datagrams);
    this.control = stream.writable.getWriter() as WritableStreamDefaultWriter<Uint8Array>;
    this.readControl(stream.readable).catch((error: unknown) => this.fail(error));
    const attach = { kind: 'attach', token, link: ticket.takeId(), stripe: 0 } as const;
    this.sendControl(encodeClientFrame(attach));
  }

  private openDatagrams(datagrams: Datagrams): void {
    if ('incomingHighWaterMark' in datagrams) {
      datagrams.incomingHighWaterMark = INCOMING_HIGH_WATER_MARK;
    }
    if ('outgoingMaxAge' in datagrams) {
      datagrams.outgoingMaxAge = OUTGOING_MAX_AGE;
    }
    const writable = datagrams.createWritable?.() ?? datagrams.writable;
    if (writable === undefined) {
      throw new Error('datagrams cannot be written here');
    }
    this.datagrams = writable.getWriter();
    const readable = datagrams.readable as ReadableStream<Uint8Array>;
    this.readDatagrams(readable).catch((error: unknown) => this.fail(error));
  }

  private async readDatagrams(readable: ReadableStream<Uint8Array>): Promise<void> {
    const reader = readable.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done || this.core.over) {
        break;
      }
      this.core.receiveState(this.core.readState(value));
    }
    this.fail('datagrams ended');
  }

  private async readControl(readable: ReadableStream<Uint8Array>): Promise<void> {
    const reader = readable.getReader();
    const splitter = new FrameSplitter();
    for (;;) {
      const { value, done } = await reader.read();
      if (done || this.core.over) {
        break;
      }
      for (const frame of splitter.push(value)) {
        this.core.deliver(this.core.receiveControl(frame));
      }
    }
    this.fail('the control stream ended');
  }

  private flush(writer: WritableStreamDefaultWriter<Uint8Array>): void {
    this.isDraining = false;
    const datagram = this.waiting;
    this.waiting = undefined;
    if (datagram !== undefined && !this.core.over) {
      this.write(writer, datagram);
    }
  }

  private write(writer: WritableStreamDefaultWriter<Uint8Array>, bytes: Uint8Array): void {
    this.core.counters.bytesOut += bytes.length;
    writer.write(bytes).catch((error: unknown) => this.fail(error));
  }

  private fail(error: unknown): void {
    this.core.end({ reason: 'lost', detail: String(error) });
  }

  private release(): void {
    this.waiting = undefined;
    try {
      this.transport?.close();
    } catch {
      // Closing a session that never came up may throw; it is gone all the same.
    }
  }
}
