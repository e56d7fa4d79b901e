/**
 * What Battle Circles says on the Control lane and in its inputs: the twin of
 * `game/src/wire/events.rs` and of `GameInput`. Shapes and bytes only.
 */

import { decode, type Reader, Writer } from '@battle-circles/sdk';
import type { MovementTuning, Steered } from './movement.ts';
import { MAX_SEATS } from './view.ts';

/** Most bytes of UTF-8 in a player's name. */
export const MAX_NAME_BYTES = 48;

const MAX_STAGES = 8;
const MAX_EVENT_BYTES = 16 * 1024;

/** The game's part of the session's welcome. */
export interface GameWelcome {
  readonly seat: number;
  readonly movement: MovementTuning;
}

const PHASES = ['lobby', 'countdown', 'playing', 'results'] as const;

/** A stretch of a game. */
export type Phase = (typeof PHASES)[number];

/** A place in the room that is taken. */
export interface RosterEntry {
  readonly seat: number;
  readonly name: string;
  readonly isBot: boolean;
  readonly isAlive: boolean;
  /** Whether its player is away: a hidden page, or no link. */
  readonly isParked: boolean;
}

/** The boundary's radius in pixels moves evenly from `from` to `to` between two ticks. */
export interface ShrinkStage {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** One player's line in the results. */
export interface ResultRow {
  readonly seat: number;
  /** From 1. */
  readonly place: number;
  readonly score: number;
  readonly peakMass: number;
  /** Circles eaten. */
  readonly circles: number;
  /** Knibbles eaten. */
  readonly knibbles: number;
  /** Ticks survived. */
  readonly survived: number;
}

/** A new phase. */
export interface PhaseEvent {
  readonly kind: 'phase';
  readonly phase: Phase;
  /** Games played in this room before this one. */
  readonly game: number;
  /** Tick. */
  readonly started: number;
  /** Tick; equal to `started` where the end is open. */
  readonly ends: number;
  /** The boundary's course in this game. */
  readonly boundary: readonly ShrinkStage[];
  /** Tick until which the dead come back. */
  readonly respawnsUntil: number;
}

/** A circle is gone. */
export interface EatenEvent {
  readonly kind: 'eaten';
  readonly victim: number;
  /** Absent when it withered outside the boundary. */
  readonly eater: number | undefined;
}

/** Who is here, whole, whenever it changes. */
export interface RosterEvent {
  readonly kind: 'roster';
  readonly entries: readonly RosterEntry[];
}

/** The mass of one living circle. */
export interface Standing {
  readonly seat: number;
  readonly mass: number;
}

/** Masses of the living, largest first; once a second. */
export interface StandingsEvent {
  readonly kind: 'standings';
  readonly standings: readonly Standing[];
}

/** The game's results, by place. */
export interface ResultsEvent {
  readonly kind: 'results';
  readonly rows: readonly ResultRow[];
}

/** What happened in the room. */
export type GameEvent = RosterEvent | PhaseEvent | EatenEvent | StandingsEvent | ResultsEvent;

/** One tick's steering, downward positive; see `movement.ts`. */
export type GameInput = Steered;

/** @throws DecodeError */
export function decodeWelcome(bytes: Uint8Array): GameWelcome {
  return decode(bytes, MAX_EVENT_BYTES, (reader) => ({
    seat: reader.u8(),
    movement: {
      speed: reader.u32(),
      slowest: reader.u32(),
      agility: reader.u32(),
      wall: reader.u32(),
      dashPercent: reader.u32(),
      dashTicks: reader.u16(),
      dashCooldown: reader.u16(),
      dashCost: reader.u32(),
      dashLeast: reader.u32(),
    },
  }));
}

/** @throws DecodeError */
export function decodeEvent(bytes: Uint8Array): GameEvent {
  return decode(bytes, MAX_EVENT_BYTES, readEvent);
}

/** Appends one tick's steering. */
export function writeInput(writer: Writer, input: GameInput): void {
  writer.i8(input.x).i8(input.y).bool(input.dash);
}

/** The action that says "go on at once" in the results. */
export function encodeReady(): Uint8Array {
  return new Writer(1).variant(0).finish();
}

/** The action that brings one back into play after a death, as soon as may be. */
export function encodeRespawn(): Uint8Array {
  return new Writer(1).variant(1).finish();
}

/** The action that has a dead player's camera follow a seat; the own one means nobody in particular. */
export function encodeWatch(seat: number): Uint8Array {
  return new Writer(2).variant(2).u8(seat).finish();
}

/** Reads an event at the reader's place. */
export function readEvent(reader: Reader): GameEvent {
  switch (reader.variant(5)) {
    case 0:
      return { kind: 'roster', entries: reader.list(MAX_SEATS, readRosterEntry) };
    case 1:
      return {
        kind: 'phase',
        phase: PHASES[reader.variant(PHASES.length)] ?? 'lobby',
        game: reader.u32(),
        started: reader.u32(),
        ends: reader.u32(),
        boundary: reader.list(MAX_STAGES, readStage),
        respawnsUntil: reader.u32(),
      };
    case 2:
      return { kind: 'eaten', victim: reader.u8(), eater: reader.option((eater) => eater.u8()) };
    case 3:
      return { kind: 'standings', standings: reader.list(MAX_SEATS, readStanding) };
    default:
      return { kind: 'results', rows: reader.list(MAX_SEATS, readResultRow) };
  }
}

function readRosterEntry(reader: Reader): RosterEntry {
  return {
    seat: reader.u8(),
    name: reader.string(MAX_NAME_BYTES),
    isBot: reader.bool(),
    isAlive: reader.bool(),
    isParked: reader.bool(),
  };
}

function readStage(reader: Reader): ShrinkStage {
  return { start: reader.u32(), end: reader.u32(), from: reader.u16(), to: reader.u16() };
}

function readStanding(reader: Reader): Standing {
  return { seat: reader.u8(), mass: reader.u32() };
}

function readResultRow(reader: Reader): ResultRow {
  return {
    seat: reader.u8(),
    place: reader.u8(),
    score: reader.u32(),
    peakMass: reader.u32(),
    circles: reader.u16(),
    knibbles: reader.u16(),
    survived: reader.u32(),
  };
}
