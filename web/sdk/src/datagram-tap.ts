/**
 * A view of the State lane from outside: what came and went, one record per datagram. It judges
 * nothing and changes nothing.
 */

import { reportAsync } from './emitter.ts';
import { type DatagramHeader, LONGEST_DELAY, NOTHING_RECEIVED } from './protocol/datagram.ts';
import type { ReceivedDatagram } from './received-datagram.ts';
import type { RungKind } from './rung.ts';
import type { Writable } from './writable.ts';

/** `down`: from the server. `up`: to the server. */
export type Direction = 'down' | 'up';

/** One State datagram that came in, or was handed to a link. Times in milliseconds. */
export interface DatagramRecord {
  readonly direction: Direction;
  /** When, as `performance.now()` has it. */
  readonly at: number;
  /**
   * For how long at most it may have lain in the page before `at`, because the page stood still; 0
   * as a rule, `Infinity` where that is unknown. On the way up always 0.
   */
  readonly waited: number;
  /** The link's number, as `stats().links` has it, and its rung. */
  readonly link: number;
  readonly rung: RungKind;
  /** Length of the payload. */
  readonly bytes: number;
  /**
   * The datagram's number, 0 to 65,535: the server counts its snapshots, the client its own
   * datagrams, each from 0 in every session and over all links.
   */
  readonly sequence: number;
  /** The same number has come, or gone out, before: a repeat, or a second link's. */
  readonly isDuplicate: boolean;
  /** The tick that a snapshot shows; nothing on the way up. */
  readonly tick: number | undefined;
  /** The newest number that the sender holds of the other direction; nothing before the first. */
  readonly ack: number | undefined;
  /** Bit *i* says that it holds the number *i + 1* before `ack` as well. */
  readonly ackBits: number;
  /** How long it has held `ack`, in whole milliseconds; nothing where it is over 253. */
  readonly ackDelay: number | undefined;
}

/** Hears of each datagram. The record is used again for the next one: copy what is to be kept. */
export type DatagramListener = (record: Readonly<DatagramRecord>) => void;

/** Numbers whose first sight is remembered, per direction; a power of two. */
const REMEMBERED = 1_024;

/** Tells the datagrams of one session. Allocates nothing per datagram. */
export class DatagramTap {
  private readonly listener: DatagramListener | undefined;
  private readonly records = { down: emptyRecord('down'), up: emptyRecord('up') };
  private readonly seen = {
    down: new Int32Array(REMEMBERED).fill(-1),
    up: new Int32Array(REMEMBERED).fill(-1),
  };

  constructor(listener: DatagramListener | undefined) {
    this.listener = listener;
  }

  /** Tells of a datagram that came in, unless it is malformed; gives the record. */
  down(datagram: ReceivedDatagram): DatagramRecord | undefined {
    if (datagram.isMalformed) {
      return undefined;
    }
    const record = this.records.down;
    record.at = datagram.at;
    record.waited = datagram.waited;
    record.link = datagram.link;
    record.rung = datagram.rung;
    record.bytes = datagram.bytes.length;
    record.tick = datagram.snapshot.tick;
    return this.tell(record, datagram.header);
  }

  /** Tells of a datagram of so many bytes that is handed to a link; gives the record. */
  up(
    at: number,
    link: number,
    rung: RungKind,
    header: DatagramHeader,
    bytes: number,
  ): DatagramRecord {
    const record = this.records.up;
    record.at = at;
    record.link = link;
    record.rung = rung;
    record.bytes = bytes;
    return this.tell(record, header);
  }

  /** A listener that throws harms nobody; its error is reported. */
  private tell(record: Writable<DatagramRecord>, header: DatagramHeader): DatagramRecord {
    const { sequence, ack, ackBits, ackDelay } = header;
    record.sequence = sequence;
    record.ack = ackDelay === NOTHING_RECEIVED ? undefined : ack;
    record.ackBits = ackBits;
    record.ackDelay = ackDelay < LONGEST_DELAY ? ackDelay : undefined;
    record.isDuplicate = this.remember(this.seen[record.direction], sequence);
    try {
      this.listener?.(record);
    } catch (error) {
      reportAsync(error);
    }
    return record;
  }

  private remember(seen: Int32Array, sequence: number): boolean {
    const slot = sequence % REMEMBERED;
    const isKnown = seen[slot] === sequence;
    seen[slot] = sequence;
    return isKnown;
  }
}

function emptyRecord(direction: Direction): Writable<DatagramRecord> {
  return {
    direction,
    at: 0,
    waited: 0,
    link: 0,
    rung: 'websocket',
    bytes: 0,
    sequence: 0,
    isDuplicate: false,
    tick: undefined,
    ack: undefined,
    ackBits: 0,
    ackDelay: undefined,
  };
}
