/** One live transport connection: what the three rungs have in common. */

import type { LinkUse, ReturnSlot, ServerFrame } from '../../protocol/control.ts';
import { type CloseReason, decodeServerFrame } from '../../protocol/control.ts';
import { ReceivedDatagram } from '../../received-datagram.ts';
import type { RungKind } from '../../rung.ts';

/** A link from the moment it is asked to open. Everything it has to say comes as events. */
export interface Link {
  readonly rung: RungKind;
  /** Sockets that are open, on the WebSocket rung; 1 elsewhere. */
  readonly stripes: number;
  readonly counters: Readonly<LinkCounters>;
  /** Sends a datagram now or never: while the link is busy only the newest waits. */
  sendState(datagram: Uint8Array): void;
  /** Sends a frame, reliably and in order while the link lives. */
  sendControl(frame: Uint8Array): void;
  /** Closes without a word; no event follows. */
  close(): void;
}

/** What a link did, in bytes of payload. */
export interface LinkCounters {
  bytesIn: number;
  bytesOut: number;
  /** Datagrams that were not sent because the link was busy. */
  unsent: number;
}

/** What a link tells. Nothing is told any more after `closed`, or after `close()` was called. */
export interface LinkEvents {
  /** The server has answered a step of the set-up, and the next one has begun. */
  answered(): void;
  /** The server has granted the seat; comes once. */
  attached(): void;
  /** The object is used again for the next one: copy what is to be kept. */
  state(datagram: ReceivedDatagram): void;
  /** A frame other than `attached` and `close`. */
  frame(frame: ServerFrame): void;
  /** Frames sent before may be lost; the link goes on elsewhere (another socket of a bundle). */
  controlMoved(): void;
  closed(end: LinkEnd): void;
}

/** Why a link ended, apart from our own `close()`. */
export interface LinkEnd {
  /** The server's reason; `lost` when the transport failed or ended without one. */
  readonly reason: CloseReason | 'lost';
  /** When to come back, as the server has it; with `shutting-down` only. */
  readonly returnSlot?: ReturnSlot | undefined;
  /** The game's own code, where the reason has one. */
  readonly code?: number | undefined;
  /** For the log. */
  readonly detail: string;
}

/** What a link must show to hold the seat. The token may still be on its way, and be another one later. */
export interface Ticket {
  readonly token: Promise<string>;
  /** A number for the link. */
  takeId(): number;
}

/** How a link is used unless it is told otherwise. */
export const DEFAULT_USE: LinkUse = 'active';

/** Counting and closing, the same for each rung: tells nothing after the end. */
export class LinkCore {
  readonly counters: LinkCounters = { bytesIn: 0, bytesOut: 0, unsent: 0 };
  private readonly events: LinkEvents;
  private readonly release: () => void;
  private readonly datagram = new ReceivedDatagram();
  private isAttached = false;
  private isOver = false;

  /** `release` lets go of the transport; it is called once. */
  constructor(events: LinkEvents, release: () => void) {
    this.events = events;
    this.release = release;
  }

  /** Whether the link has ended. */
  get over(): boolean {
    return this.isOver;
  }

  /** Whether the server has granted the seat. */
  get attached(): boolean {
    return this.isAttached;
  }

  /** Reads a datagram that has come in; it is still to be passed on by {@link receiveState}. */
  readState(bytes: Uint8Array): ReceivedDatagram {
    return this.datagram.read(bytes);
  }

  /** A datagram has come in. On WebRTC it may be the first sign of the attach. */
  receiveState(datagram: ReceivedDatagram): void {
    if (!this.isOver) {
      this.counters.bytesIn += datagram.bytes.length;
      this.attach();
      this.events.state(datagram);
    }
  }

  /** A frame has come in; a malformed one ends the link. Gives the frame, if it was one. */
  receiveControl(bytes: Uint8Array): ServerFrame | undefined {
    if (this.isOver) {
      return undefined;
    }
    this.counters.bytesIn += bytes.length;
    try {
      return decodeServerFrame(bytes);
    } catch (error) {
      this.end({ reason: 'protocol-violation', detail: `server frame: ${String(error)}` });
      return undefined;
    }
  }

  /** Passes a frame on: `attached` and `close` as what they mean, others as they are. */
  deliver(frame: ServerFrame | undefined): void {
    if (frame === undefined || this.isOver) {
      return;
    }
    if (frame.kind === 'attached') {
      this.attach();
    } else if (frame.kind === 'close') {
      const { reason, returnSlot, code } = frame;
      this.end({ reason, returnSlot, code, detail: 'closed by the server' });
    } else {
      this.events.frame(frame);
    }
  }

  /** A step of the set-up is done. */
  answer(): void {
    if (!this.isOver) {
      this.events.answered();
    }
  }

  moveControl(): void {
    if (!this.isOver) {
      this.events.controlMoved();
    }
  }

  /** Ends the link and tells it. */
  end(end: LinkEnd): void {
    if (!this.isOver) {
      this.close();
      this.events.closed(end);
    }
  }

  /** Ends the link without telling it. */
  close(): void {
    if (!this.isOver) {
      this.isOver = true;
      this.release();
    }
  }

  private attach(): void {
    if (!this.isAttached) {
      this.isAttached = true;
      this.events.attached();
    }
  }
}
