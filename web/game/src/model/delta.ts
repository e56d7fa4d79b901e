/**
 * Turns a baseline and a delta's bytes into the next view: the twin of
 * `protocol/src/game/delta.rs`, decoding side only.
 */

import { DecodeError, type Reader } from '@battle-circles/sdk';
import { KNIBBLE_SLOTS, MAX_SEATS, type View } from './view.ts';

const MASK_X = 0x10;
const MASK_Y = 0x20;
const MASK_RADIUS = 0x40;
const MASK_NEW = 0x80;

/**
 * Reads a delta that starts at `reader`'s place and ends with its bytes. `view` becomes what the
 * delta makes of `baseline`; the two must not be the same object.
 *
 * @throws DecodeError when the bytes are malformed or speak of what the baseline doesn't hold.
 * `view` is then worth nothing and the snapshot must not be acknowledged.
 */
export function applyDelta(baseline: View, reader: Reader, view: View): void {
  view.copyFrom(baseline);
  view.focus = reader.u8();
  readOwn(reader, view);
  view.circles &= ~reader.u16();
  for (let left = reader.length(MAX_SEATS); left > 0; left -= 1) {
    readCircle(reader, view);
  }
  for (let left = reader.length(KNIBBLE_SLOTS); left > 0; left -= 1) {
    const slot = reader.u8();
    if (view.knibbles[slot] === 0) {
      throw new DecodeError('malformed', `delta removes knibble ${slot}, which is not there`);
    }
    view.knibbles[slot] = 0;
  }
  for (let left = reader.length(KNIBBLE_SLOTS); left > 0; left -= 1) {
    const slot = reader.u8();
    view.knibbles[slot] = 1;
    view.knibbleX[slot] = reader.i16();
    view.knibbleY[slot] = reader.i16();
  }
  reader.end();
}

function readOwn(reader: Reader, view: View): void {
  const own = view.own;
  own.present = reader.bool();
  if (own.present) {
    own.x = reader.i32();
    own.y = reader.i32();
    own.vx = reader.i32();
    own.vy = reader.i32();
    own.mass = reader.u32();
  }
}

function readCircle(reader: Reader, view: View): void {
  const head = reader.u8();
  const seat = head & 0x0f;
  const x = readField(reader, head, MASK_X);
  const y = readField(reader, head, MASK_Y);
  const radius = readField(reader, head, MASK_RADIUS);
  if ((head & MASK_NEW) !== 0) {
    if ((head & 0xf0) !== (MASK_NEW | MASK_X | MASK_Y | MASK_RADIUS)) {
      throw new DecodeError('malformed', 'a new circle lacks fields');
    }
    view.circles |= 1 << seat;
    view.circleX[seat] = x;
    view.circleY[seat] = y;
    view.circleRadius[seat] = radius;
    return;
  }
  if (!view.hasCircle(seat)) {
    throw new DecodeError('malformed', `delta changes circle ${seat}, which is not there`);
  }
  // The arrays wrap to their width by themselves, as the server's integers do.
  view.circleX[seat] = (view.circleX[seat] as number) + x;
  view.circleY[seat] = (view.circleY[seat] as number) + y;
  view.circleRadius[seat] = (view.circleRadius[seat] as number) + radius;
}

function readField(reader: Reader, head: number, bit: number): number {
  if ((head & bit) === 0) {
    return 0;
  }
  const value = reader.i16();
  if (value === 0 && (head & MASK_NEW) === 0) {
    throw new DecodeError('malformed', 'a masked field did not change');
  }
  return value;
}
