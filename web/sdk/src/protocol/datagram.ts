/**
 * The State lane: one header, then a body that runs to the end of the datagram.
 *
 * ```text
 * both ways   sequence u16le · ack u16le · ack bits u32le · ack delay u8
 * server      tick · baseline age · input lead · view delta …
 * client      input batch …
 * ```
 */

import type { Writable } from '../writable.ts';
import type { Reader, Writer } from './codec.ts';
import type { Sequence } from './sequence.ts';

/** What every State datagram begins with; nine bytes. */
export interface DatagramHeader {
  /** This datagram's number, counted per session and direction over all links. */
  readonly sequence: Sequence;
  /** Newest number received from the peer; void while `ackDelay` is {@link NOTHING_RECEIVED}. */
  readonly ack: Sequence;
  /** Which of the 32 before it came in, the newest in the lowest bit. */
  readonly ackBits: number;
  /** Milliseconds between receiving `ack` and sending this, at most {@link LONGEST_DELAY}. */
  readonly ackDelay: number;
}

/** Value of `ackDelay` that marks `ack` as void. */
export const NOTHING_RECEIVED = 255;

/** Longest delay that `ackDelay` can tell; a longer one is told as this and gives no sample. */
export const LONGEST_DELAY = 254;

/** What stands before the view's delta in a server's datagram. */
export interface SnapshotHeader {
  /** The tick that the snapshot shows. */
  readonly tick: number;
  /** Ticks between the baseline's snapshot and this one; 0: the delta is against an empty view. */
  readonly baselineAge: number;
  /**
   * Ticks by which the newest input received is ahead of `tick`, −127 to 127; negative when inputs
   * are late. {@link NO_INPUT} while the server has taken none.
   */
  readonly inputLead: number;
}

/** Value of `inputLead` while the server has taken no input of this client. */
export const NO_INPUT = -128;

/** Reads a header, into an object that is used again where one is given. */
export function readDatagramHeader(
  reader: Reader,
  into: Writable<DatagramHeader> = { sequence: 0, ack: 0, ackBits: 0, ackDelay: 0 },
): DatagramHeader {
  into.sequence = reader.u16le();
  into.ack = reader.u16le();
  into.ackBits = reader.u32le();
  into.ackDelay = reader.u8();
  return into;
}

export function writeDatagramHeader(writer: Writer, header: DatagramHeader): void {
  writer.u16le(header.sequence).u16le(header.ack).u32le(header.ackBits).u8(header.ackDelay);
}

/** Reads a header, into an object that is used again where one is given. */
export function readSnapshotHeader(
  reader: Reader,
  into: Writable<SnapshotHeader> = { tick: 0, baselineAge: 0, inputLead: 0 },
): SnapshotHeader {
  into.tick = reader.u32();
  into.baselineAge = reader.u16();
  into.inputLead = reader.i8();
  return into;
}

export function writeSnapshotHeader(writer: Writer, header: SnapshotHeader): void {
  writer.u32(header.tick).u16(header.baselineAge).i8(header.inputLead);
}
