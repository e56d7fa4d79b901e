/**
 * Sight files: what one player's screen showed, twenty times a second, for an incident to be looked
 * into. The bytes stand in `docs/protocol-game.md`; this is both their writer and their reader.
 */

import { DecodeError, Reader, Writer } from '@battle-circles/sdk';
import { MAX_NAME_BYTES } from '../model/events.ts';
import { MAX_SEATS } from '../model/view.ts';
import { DAMAGED, ReplayFileError } from '../replay/replay-file-error.ts';
import { hasMagic, seal, unseal } from '../replay/sealed.ts';

/** How a sight file begins. */
export const SIGHT_MAGIC = 'BCSIGHT\0';

const VERSION = 1;
const MAX_BYTES = 4 << 20;
const MAX_ROOM_BYTES = 32;
const MAX_ROWS = 16_384;

/** Parts of a tick that times are written in. */
const PARTS = 16;

/** Bits of a row's flags. */
const EXTRAPOLATED = 1;
const FROZEN = 2;

/** Where a circle was drawn, in quarter pixels. */
export interface SeenCircle {
  readonly seat: number;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** One look at the screen. Ticks have fractions. */
export interface SightRow {
  /** The server's tick at that moment, as the page reckoned it. */
  readonly serverTick: number;
  /** The tick that the others were drawn at, and the one that the own circle was foretold for. */
  readonly shownTick: number;
  readonly ownTick: number;
  readonly ownSeat: number;
  readonly isExtrapolated: boolean;
  readonly isFrozen: boolean;
  /** By rising seat, the own one included. */
  readonly circles: readonly SeenCircle[];
}

/** What one player saw in one room. */
export interface Sight {
  readonly room: string;
  readonly name: string;
  readonly tickRate: number;
  /** In the order of the page's time. */
  readonly rows: readonly SightRow[];
}

/** A sight's bytes. Of a longer one the newest rows are written. */
export function writeSight(sight: Sight): Uint8Array<ArrayBuffer> {
  const writer = new Writer(64 * 1024);
  writer.string(sight.room).string(sight.name).u16(sight.tickRate);
  writer.list(sight.rows.slice(-MAX_ROWS), writeRow);
  return seal(SIGHT_MAGIC, VERSION, writer.view());
}

/**
 * Reads a sight's bytes.
 *
 * @throws ReplayFileError with what to tell who opened them.
 */
export function readSight(bytes: Uint8Array): Sight {
  if (!hasMagic(bytes, SIGHT_MAGIC) || bytes.length > MAX_BYTES) {
    throw new ReplayFileError('This is no file of what a player saw.');
  }
  try {
    const reader = new Reader(unseal(bytes, VERSION));
    const sight = {
      room: reader.string(MAX_ROOM_BYTES),
      name: reader.string(MAX_NAME_BYTES),
      tickRate: reader.u16(),
      rows: reader.list(MAX_ROWS, readRow),
    };
    reader.end();
    return sight;
  } catch (error) {
    throw error instanceof DecodeError ? new ReplayFileError(DAMAGED, { cause: error }) : error;
  }
}

function writeRow(writer: Writer, row: SightRow): void {
  const server = Math.max(0, Math.round(row.serverTick * PARTS));
  const flags = (row.isExtrapolated ? EXTRAPOLATED : 0) | (row.isFrozen ? FROZEN : 0);
  writer.u64(server);
  writer.i32(Math.round(row.shownTick * PARTS) - server);
  writer.i32(Math.round(row.ownTick * PARTS) - server);
  writer.u8(flags).u8(row.ownSeat);
  writer.list(row.circles, (to, { seat, x, y, radius }) => {
    to.u8(seat).i16(x).i16(y).u16(radius);
  });
}

function readRow(reader: Reader): SightRow {
  const server = reader.u64();
  const shown = server + reader.i32();
  const own = server + reader.i32();
  const flags = reader.u8();
  const ownSeat = readSeat(reader);
  return {
    serverTick: server / PARTS,
    shownTick: shown / PARTS,
    ownTick: own / PARTS,
    ownSeat,
    isExtrapolated: (flags & EXTRAPOLATED) !== 0,
    isFrozen: (flags & FROZEN) !== 0,
    circles: reader.list(MAX_SEATS, (from) => ({
      seat: readSeat(from),
      x: from.i16(),
      y: from.i16(),
      radius: from.u16(),
    })),
  };
}

function readSeat(reader: Reader): number {
  const seat = reader.u8();
  if (seat >= MAX_SEATS) {
    throw new DecodeError('malformed', `a seat ${seat}`);
  }
  return seat;
}
