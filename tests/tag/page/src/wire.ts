/** What crosses the wire beside snapshots: the twin of `src/wire.rs`. */

import { decode, type Reader } from '@battle-circles/sdk';

/** The bits of an input. */
export const LEFT = 1;
export const RIGHT = 2;
export const UP = 4;
export const DOWN = 8;
/** Pressed; the others are held. */
export const DASH = 16;

/** What is held down, without what was pressed. */
export function held(input: number): number {
  return input & (LEFT | RIGHT | UP | DOWN);
}

/** How figures move in this room. Lengths in 1/16 px, speeds in these a tick, times in ticks. */
export interface Tuning {
  readonly size: number;
  readonly radius: number;
  readonly run: number;
  readonly dash: number;
  readonly dashTicks: number;
  readonly restTicks: number;
}

export interface Welcome {
  readonly seat: number;
  readonly tuning: Tuning;
}

export type GameEvent =
  | { readonly kind: 'joined'; readonly seat: number; readonly name: string }
  | { readonly kind: 'left'; readonly seat: number }
  | { readonly kind: 'tagged'; readonly by: number; readonly whom: number }
  | { readonly kind: 'dashed'; readonly seat: number }
  | { readonly kind: 'won'; readonly seat: number };

/** Longest name in bytes, as the server takes it. */
const MAX_NAME = 48;
const MAX_MESSAGE = 256;

/** @throws DecodeError for what is no welcome of this game. */
export function readWelcome(bytes: Uint8Array): Welcome {
  return decode(bytes, MAX_MESSAGE, (reader) => ({
    seat: reader.u8(),
    tuning: {
      size: reader.u16(),
      radius: reader.u16(),
      run: reader.u16(),
      dash: reader.u16(),
      dashTicks: reader.u16(),
      restTicks: reader.u16(),
    },
  }));
}

/** @throws DecodeError for what is no event of this game. */
export function readEvent(bytes: Uint8Array): GameEvent {
  return decode(bytes, MAX_MESSAGE, eventFrom);
}

function eventFrom(reader: Reader): GameEvent {
  switch (reader.variant(5)) {
    case 0:
      return { kind: 'joined', seat: reader.u8(), name: reader.string(MAX_NAME) };
    case 1:
      return { kind: 'left', seat: reader.u8() };
    case 2:
      return { kind: 'tagged', by: reader.u8(), whom: reader.u8() };
    case 3:
      return { kind: 'dashed', seat: reader.u8() };
    default:
      return { kind: 'won', seat: reader.u8() };
  }
}
