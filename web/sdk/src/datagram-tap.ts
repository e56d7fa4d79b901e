/**
 * A view of the State lane from outside: what came and went, one record per datagram. It judges
 * nothing and changes nothing; the session and the clock read the same bytes for themselves.
 */

import { reportAsync } from './emitter.ts';
import { Reader } from './protocol/codec.ts';
import { LONGEST_DELAY, NOTHING_RECEIVED } from './protocol/datagram.ts';
import { MAX_DATAGRAM } from './protocol/limits.ts';
import type { RungKind } from './rung.ts';

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

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Tells the datagrams of one session. Allocates nothing per datagram. */
export class DatagramTap {
  private readonly listener: DatagramListener | undefined;
  private readonly reader = new Reader(new Uint8Array(0));
  private readonly records = { down: emptyRecord('down'), up: emptyRecord('up') };
  private readonly seen = {
    down: new Int32Array(REMEMBERED).fill(-1),
    up: new Int32Array(REMEMBERED).fill(-1),
  };

  constructor(listener: DatagramListener | undefined) {
    this.listener = listener;
  }

  /**
   * Tells of a datagram, and gives the record, which stays as it is until the next one in its
   * direction. One that is no datagram of the protocol, too long or too short for its
   * header, is left out. A listener that throws harms nobody; its error is reported.
   */
  pass(
    direction: Direction,
    at: number,
    link: number,
    rung: RungKind,
    datagram: Uint8Array,
    waited = 0,
  ): DatagramRecord | undefined {
    if (datagram.length > MAX_DATAGRAM) {
      return undefined;
    }
    const { reader } = this;
    const record = this.records[direction];
    reader.reset(datagram);
    try {
      record.sequence = reader.u16le();
      const ack = reader.u16le();
      record.ackBits = reader.u32le();
      const delay = reader.u8();
      record.ack = delay === NOTHING_RECEIVED ? undefined : ack;
      record.ackDelay = delay < LONGEST_DELAY ? delay : undefined;
      record.tick = direction === 'down' ? reader.u32() : undefined;
    } catch {
      return undefined;
    }
    record.at = at;
    record.waited = waited;
    record.link = link;
    record.rung = rung;
    record.bytes = datagram.length;
    record.isDuplicate = this.remember(this.seen[direction], record.sequence);
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
