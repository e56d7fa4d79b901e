/**
 * A State datagram of the server's on its way through the client. The link that brought it reads it,
 * once; those that it passes judge, decode and count it. The object is used again for the next one.
 */

import { Reader } from './protocol/codec.ts';
import {
  type DatagramHeader,
  NOTHING_RECEIVED,
  readDatagramHeader,
  readSnapshotHeader,
  type SnapshotHeader,
} from './protocol/datagram.ts';
import { MAX_DATAGRAM } from './protocol/limits.ts';
import type { RungKind } from './rung.ts';
import type { Writable } from './writable.ts';

const NO_BYTES = new Uint8Array(0);

/** One datagram. Times in milliseconds. */
export class ReceivedDatagram {
  /** When it came in, as `performance.now()` has it. */
  at = 0;
  /** For how long at most it may have lain in the page before `at`; `Infinity` if that is unknown. */
  waited = 0;
  /** The link's number, and its rung. */
  link = 0;
  rung: RungKind = 'websocket';
  private content: Uint8Array = NO_BYTES;
  private payloadAt: number | undefined;
  private readonly reader = new Reader(NO_BYTES);
  private readonly datagramHeader: Writable<DatagramHeader> = {
    sequence: 0,
    ack: 0,
    ackBits: 0,
    ackDelay: NOTHING_RECEIVED,
  };
  private readonly snapshotHeader: Writable<SnapshotHeader> = {
    tick: 0,
    baselineAge: 0,
    inputLead: 0,
  };

  /** Becomes the datagram of these bytes, which it keeps a view of. */
  read(bytes: Uint8Array): this {
    this.content = bytes;
    this.payloadAt = undefined;
    if (bytes.length <= MAX_DATAGRAM) {
      const reader = this.reader.reset(bytes);
      try {
        readDatagramHeader(reader, this.datagramHeader);
        readSnapshotHeader(reader, this.snapshotHeader);
        this.payloadAt = bytes.length - reader.remaining;
      } catch {
        // Its headers are malformed.
      }
    }
    return this;
  }

  /** Whether it is no datagram of the protocol: the headers are void then. */
  get isMalformed(): boolean {
    return this.payloadAt === undefined;
  }

  get header(): DatagramHeader {
    return this.datagramHeader;
  }

  get snapshot(): SnapshotHeader {
    return this.snapshotHeader;
  }

  /** The game's own bytes, from their first one on at each call. */
  get payload(): Reader {
    return this.reader.reset(this.content, this.payloadAt);
  }

  /** All of its bytes. */
  get bytes(): Uint8Array {
    return this.content;
  }

  /** The same datagram in an object of its own, not stamped with its link. */
  copy(): ReceivedDatagram {
    return new ReceivedDatagram().read(this.content);
  }
}
