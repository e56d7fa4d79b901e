/**
 * View files, as `game/src/replay/view_file` writes them: a whole match as its server knew it. All
 * of it is read once, so that a file that opens also plays.
 */

import { DecodeError, Reader } from '@battle-circles/sdk';
import { applyDelta } from '../model/delta.ts';
import { type GameEvent, readEvent } from '../model/events.ts';
import { UNITS_PER_PIXEL } from '../model/movement.ts';
import { View } from '../model/view.ts';
import { DAMAGED, ReplayFileError } from './replay-file-error.ts';
import { hasMagic, unseal } from './sealed.ts';

/** How a view file begins. */
export const VIEW_MAGIC = 'BCVIEWS\0';

const VERSION = 1;

/** Bounds of the format; see `docs/protocol-game.md`. */
const MAX_BYTES = 16 << 20;
const MAX_ROOM_BYTES = 32;
const MAX_TICKS = (60 + 3_600) * 240 + 1;
const MAX_EVENTS = 1_024;

/** One frame, not yet decoded. */
export interface FrameRecord {
  readonly tick: number;
  /** Ticks since its baseline; 0 where that is the empty view. */
  readonly age: number;
  readonly isKey: boolean;
  readonly delta: Uint8Array;
}

/** What happened, and when. */
export interface TimedEvent {
  readonly tick: number;
  readonly event: GameEvent;
}

/** A match. */
export interface ViewFile {
  /** Empty where it isn't known. */
  readonly room: string;
  readonly tickRate: number;
  /** Radius in pixels that no circle's middle can pass. */
  readonly pondRadius: number;
  /** Ticks of the first frame and of the last. */
  readonly start: number;
  readonly end: number;
  /** By rising tick, one at least; the first is a keyframe. */
  readonly frames: readonly FrameRecord[];
  /** By rising tick. */
  readonly events: readonly TimedEvent[];
}

interface Header {
  readonly room: string;
  readonly tickRate: number;
  readonly interval: number;
  readonly wall: number;
  readonly start: number;
  readonly ticks: number;
}

/**
 * Reads a view file.
 *
 * @throws ReplayFileError with what to tell who opened it.
 */
export function readViewFile(bytes: Uint8Array): ViewFile {
  if (!hasMagic(bytes, VIEW_MAGIC)) {
    throw new ReplayFileError('This is no file of a match.');
  }
  if (bytes.length > MAX_BYTES) {
    throw new ReplayFileError('This file is too large to be a match.');
  }
  try {
    const reader = new Reader(unseal(bytes, VERSION));
    const header = readHeader(reader);
    const { frames, events } = readFrames(reader, header);
    const { room, tickRate, start, ticks, wall } = header;
    const pondRadius = wall / UNITS_PER_PIXEL;
    return { room, tickRate, pondRadius, start, end: start + ticks, frames, events };
  } catch (error) {
    throw error instanceof DecodeError ? new ReplayFileError(DAMAGED, { cause: error }) : error;
  }
}

function readHeader(reader: Reader): Header {
  const header = {
    room: reader.string(MAX_ROOM_BYTES),
    tickRate: reader.u16(),
    interval: reader.u16(),
    wall: reader.u32(),
    start: reader.u32(),
    ticks: reader.u32(),
  };
  const isPossible =
    header.tickRate >= 5 &&
    header.tickRate <= 240 &&
    header.interval >= 1 &&
    header.interval <= header.tickRate &&
    /^[a-z0-9-]*$/.test(header.room) &&
    header.ticks <= MAX_TICKS &&
    header.start + header.ticks <= 0xffff_ffff;
  check(isPossible, 'a header that no match has');
  return header;
}

function readFrames(reader: Reader, header: Header): Pick<ViewFile, 'frames' | 'events'> {
  const frames: FrameRecord[] = [];
  const events: TimedEvent[] = [];
  let baseline = new View();
  let view = new View();
  let tick = header.start;
  while (reader.remaining > 0) {
    const age = reader.u16();
    const isKey = reader.bool();
    const isFirst = frames.length === 0;
    check(isFirst ? age === 0 && isKey : age >= 1 && age <= header.interval, 'a frame at a time');
    tick += age;
    for (const { ago, event } of reader.list(MAX_EVENTS, readTimedEvent)) {
      check(ago <= age, 'an event before its time');
      events.push({ tick: tick - ago, event });
    }
    const frame = { tick, isKey, age: isKey ? 0 : age, delta: reader.byteString(reader.remaining) };
    [baseline, view] = [view, baseline];
    decodeFrame(frame, baseline, view);
    check(!view.own.present, 'an own circle');
    frames.push(frame);
  }
  check(frames.length > 0 && tick === header.start + header.ticks, 'another end');
  events.sort((a, b) => a.tick - b.tick);
  return { frames, events };
}

const NOTHING = new View();
const deltas = new Reader(new Uint8Array());

/** Makes `view` what a frame shows; `baseline` is the frame before, and not `view` itself. */
export function decodeFrame(frame: FrameRecord, baseline: View, view: View): void {
  applyDelta(frame.isKey ? NOTHING : baseline, frame.age, deltas.reset(frame.delta), view);
}

function readTimedEvent(from: Reader): { readonly ago: number; readonly event: GameEvent } {
  return { ago: from.u16(), event: readEvent(from) };
}

function check(isRight: boolean, what: string): void {
  if (!isRight) {
    throw new DecodeError('malformed', what);
  }
}
