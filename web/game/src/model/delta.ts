/**
 * Turns a baseline and a delta's bits into the next view: the twin of `game/src/wire/delta.rs`,
 * where the bits are described, decoding side only.
 */

import { DecodeError, type Reader } from '@battle-circles/sdk';
import { BitReader } from './bits.ts';
import { KNIBBLE_SLOTS, MAX_SEATS, UNITS_PER_QUARTER, type View } from './view.ts';

const SEAT_BITS = 4;
const COOLDOWN_BITS = 16;

/** Orders of the codes. */
const VELOCITY = 5;
const OWN_PLACE = 4;
const PLACE = 3;
const KNIBBLE_PLACE = 10;

const bits = new BitReader();

/**
 * Reads a delta that starts at `reader`'s place and ends with its bytes. `view` becomes what the
 * delta makes of `baseline` `age` ticks later; the two must not be the same object.
 *
 * @throws DecodeError when the bytes are no delta against this baseline. `view` is then worth
 * nothing and the snapshot must not be acknowledged.
 */
export function applyDelta(baseline: View, age: number, reader: Reader, view: View): void {
  view.copyFrom(baseline);
  bits.reset(reader.rest());
  if (!bits.flag()) {
    view.focus = bits.bits(SEAT_BITS);
  }
  readOwn(baseline, age, view);
  readCircles(baseline, age, view);
  addOwnCircle(view);
  readKnibbles(view);
  bits.end();
  view.age = age;
}

function readOwn(baseline: View, age: number, view: View): void {
  const own = view.own;
  own.present = bits.flag();
  if (!own.present) {
    return;
  }
  const old = baseline.own;
  const isNew = !old.present;
  own.vx = ((isNew ? 0 : old.vx) + bits.signed(VELOCITY)) | 0;
  own.vy = ((isNew ? 0 : old.vy) + bits.signed(VELOCITY)) | 0;
  own.x = isNew ? way(0, own.vx, age) : old.x + way(old.vx, own.vx, age);
  own.y = isNew ? way(0, own.vy, age) : old.y + way(old.vy, own.vy, age);
  own.x = (own.x + bits.signed(OWN_PLACE)) | 0;
  own.y = (own.y + bits.signed(OWN_PLACE)) | 0;
  own.mass = ((isNew ? 0 : old.mass) + bits.signed(0)) >>> 0;
  const foreseen = isNew ? 0 : Math.max(0, old.cooldown - age);
  own.cooldown = bits.flag() ? foreseen : bits.bits(COOLDOWN_BITS);
}

/** How far the own circle is expected to go. */
function way(before: number, now: number, age: number): number {
  return Math.trunc((age * (before + 2 * now)) / 3);
}

function readCircles(baseline: View, age: number, view: View): void {
  const known = baseline.others();
  view.circles = known;
  const isUsual = bits.flag();
  for (let seat = 0; seat < MAX_SEATS; seat += 1) {
    if ((known & (1 << seat)) === 0) {
      continue;
    }
    if (isUsual || !bits.flag()) {
      readChange(baseline, age, seat, view);
    } else if (bits.flag()) {
      view.circles &= ~(1 << seat);
    } else {
      view.stepX[seat] = 0;
      view.stepY[seat] = 0;
    }
  }
  if (!isUsual) {
    readNewcomers(known, view);
  }
}

function readChange(baseline: View, age: number, seat: number, view: View): void {
  const x = baseline.circleX[seat] as number;
  const y = baseline.circleY[seat] as number;
  const over = Math.max(baseline.age, 1);
  const onX = Math.trunc(((baseline.stepX[seat] as number) * age) / over);
  const onY = Math.trunc(((baseline.stepY[seat] as number) * age) / over);
  // The arrays wrap to their width by themselves, as the server's integers do.
  view.circleX[seat] = x + onX + bits.signed16(PLACE);
  view.circleY[seat] = y + onY + bits.signed16(PLACE);
  view.circleRadius[seat] = (baseline.circleRadius[seat] as number) + bits.signed16(0);
  view.stepX[seat] = (view.circleX[seat] as number) - x;
  view.stepY[seat] = (view.circleY[seat] as number) - y;
}

function readNewcomers(known: number, view: View): void {
  const came = bits.bits(MAX_SEATS);
  if ((came & known) !== 0) {
    throw new DecodeError('malformed', 'a circle comes a second time');
  }
  view.circles |= came;
  for (let seat = 0; seat < MAX_SEATS; seat += 1) {
    if ((came & (1 << seat)) !== 0) {
      view.circleX[seat] = bits.bits(16);
      view.circleY[seat] = bits.bits(16);
      view.circleRadius[seat] = bits.bits(16);
      view.stepX[seat] = 0;
      view.stepY[seat] = 0;
    }
  }
}

/** The own circle stands among the others for those who draw; the bits tell it only once. */
function addOwnCircle(view: View): void {
  const { own, focus } = view;
  if (!own.present) {
    return;
  }
  if (view.hasCircle(focus)) {
    throw new DecodeError('malformed', `the own circle ${focus} is among the others`);
  }
  view.circles |= 1 << focus;
  view.circleX[focus] = Math.round(own.x / UNITS_PER_QUARTER);
  view.circleY[focus] = Math.round(own.y / UNITS_PER_QUARTER);
  view.circleRadius[focus] = Math.round(8 * Math.sqrt(own.mass));
}

function readKnibbles(view: View): void {
  const there = view.knibbles;
  let bound = 0;
  for (let slot = 0; slot < KNIBBLE_SLOTS; slot += 1) {
    bound += there[slot] as number;
  }
  let slot = 0;
  gaps.begin(bound);
  while (gaps.left > 0) {
    for (let skip = gaps.read(); skip > 0 || there[slot] === 0; slot += 1) {
      skip -= there[slot] as number;
    }
    there[slot] = 0;
    slot += 1;
  }
  const centreX = view.own.present ? view.own.x >> 8 : (view.circleX[view.focus] as number) >> 2;
  const centreY = view.own.present ? view.own.y >> 8 : (view.circleY[view.focus] as number) >> 2;
  const hasCentre = view.hasCircle(view.focus);
  gaps.begin(KNIBBLE_SLOTS);
  while (gaps.left > 0) {
    gaps.read();
    slot = gaps.next - 1;
    there[slot] = 1;
    view.knibbleX[slot] = (hasCentre ? centreX : 0) + bits.signed16(KNIBBLE_PLACE);
    view.knibbleY[slot] = (hasCentre ? centreY : 0) + bits.signed16(KNIBBLE_PLACE);
  }
}

/** Rising indexes below a bound, as their number and the gaps between them. */
const gaps = {
  order: 0,
  /** Indexes still to come. */
  left: 0,
  /** Least value of the next one. */
  next: 0,
  bound: 0,

  begin(bound: number): void {
    this.left = bits.golomb(0, bound);
    this.bound = bound;
    this.next = 0;
    this.order = 31 - Math.clz32(Math.max(1, bound / (this.left + 1)));
  },

  /** The next gap; the index behind it is `next` − 1. */
  read(): number {
    // The others need room behind this one.
    const gap = bits.golomb(this.order, this.bound - this.next - this.left);
    this.left -= 1;
    this.next += gap + 1;
    return gap;
  },
};
