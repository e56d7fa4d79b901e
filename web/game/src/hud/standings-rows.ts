/** Which lines the standings show, from what is known of the room. Pure. */

import type { Room } from '../model/room.ts';

/** One line. */
export interface StandingsRow {
  readonly seat: number;
  readonly name: string;
  /** Rank among the living; nothing for who is out or not in the game yet. */
  readonly rank: number | undefined;
  readonly mass: number | undefined;
  readonly isOwn: boolean;
  readonly isBot: boolean;
  readonly note: '' | 'away' | 'out';
}

/** The living by mass, the own mass up to date; then the others by seat. */
export function standingsRows(room: Room, ownMass: number): readonly StandingsRow[] {
  const isRunning = room.phase.phase === 'playing';
  const living = room.standings
    .map(({ seat, mass }) => ({
      seat,
      mass: seat === room.ownSeat && ownMass > 0 ? ownMass : mass,
    }))
    .sort((a, b) => b.mass - a.mass);
  const ranked = new Set(living.map(({ seat }) => seat));
  const rows = living.map(({ seat, mass }, index) => row(room, seat, index + 1, mass, isRunning));
  const others = room.roster.filter(({ seat }) => !ranked.has(seat));
  return [...rows, ...others.map(({ seat }) => row(room, seat, undefined, undefined, isRunning))];
}

/** The first lines, and the own one in place of the last where it isn't among them. */
export function shortened(rows: readonly StandingsRow[], lines: number): readonly StandingsRow[] {
  const top = rows.slice(0, lines);
  const own = rows.slice(lines).find(({ isOwn }) => isOwn);
  return own === undefined ? top : [...top.slice(0, lines - 1), own];
}

function row(
  room: Room,
  seat: number,
  rank: number | undefined,
  mass: number | undefined,
  isRunning: boolean,
): StandingsRow {
  const entry = room.entry(seat);
  const isOut = isRunning && rank === undefined && entry?.isAlive === false;
  const note = isOut ? 'out' : entry?.isParked === true ? 'away' : '';
  return {
    seat,
    name: entry?.name ?? '…',
    rank,
    mass,
    isOwn: seat === room.ownSeat,
    isBot: entry?.isBot === true,
    note,
  };
}
