/**
 * What a player saw beside what the server knew: matches a sight with a view file, by room, by tick
 * and by where the circles were, and says how far the two are apart.
 */

import type { Frame } from '../model/frame.ts';
import { MAX_SEATS, QUARTERS } from '../model/view.ts';
import type { Sight, SightRow } from '../sight/sight-file.ts';
import type { Film, Shot } from './film.ts';
import { ReplayFileError } from './replay-file-error.ts';
import type { ViewFile } from './view-file.ts';

/** Which of the server's states stands beside what was seen. */
export type Alignment =
  /** The server's at the moment at which it was seen: what being late costs is in it. */
  | 'moment'
  /** The server's of the tick that was drawn: only what was drawn wrong is in it. */
  | 'tick';

/** Rows farther from a tick than this say nothing about it, in seconds. */
const FARTHEST = 0.15;

/** Rows that are held against the match before it is taken for the same. */
const PROBES = 64;

/** Another match's circles are elsewhere by more than this, in pixels; those of one's own by a few. */
const FOREIGN = 120;

/** How far a look at the screen was from what the server knew. */
export interface Offsets {
  /** Milliseconds by which the others were drawn late. */
  readonly age: number;
  /** Pixels between the own circle as seen and as it was; nothing where either was gone. */
  readonly own: number | undefined;
  /** The same of the other that was farthest off. */
  readonly others: number | undefined;
}

/** What was on the screen between two rows: 0 is `row`, 1 is `next`. */
export interface Look {
  readonly row: SightRow;
  readonly next: SightRow;
  readonly share: number;
}

const TICK_OF: Readonly<Record<Alignment, (row: SightRow) => number>> = {
  moment: ({ serverTick }) => serverTick,
  tick: ({ shownTick }) => shownTick,
};

/** A sight that belongs to a match. */
export class Incident {
  readonly name: string;
  readonly seat: number;
  /** The server's tick at the first look. */
  readonly start: number;
  /** By rising tick of the alignment. */
  private readonly rows: Readonly<Record<Alignment, readonly SightRow[]>>;
  private readonly tickRate: number;

  private constructor(sight: Sight, rows: readonly SightRow[]) {
    this.name = sight.name;
    this.seat = rows[0]?.ownSeat ?? 0;
    const sorted = (tickOf: (row: SightRow) => number): readonly SightRow[] =>
      [...rows].sort((a, b) => tickOf(a) - tickOf(b));
    this.rows = { moment: sorted(TICK_OF.moment), tick: sorted(TICK_OF.tick) };
    this.start = this.rows.moment[0]?.serverTick ?? 0;
    this.tickRate = sight.tickRate;
  }

  /**
   * Puts a sight beside a match.
   *
   * @throws ReplayFileError with why it doesn't belong there.
   */
  static match(sight: Sight, file: ViewFile, film: Film): Incident {
    if (file.room !== '' && sight.room !== file.room) {
      throw new ReplayFileError(
        `What this player saw was in the room “${sight.room}”, and the match was in “${file.room}”.`,
      );
    }
    const isWithin = (tick: number): boolean => tick >= file.start && tick <= file.end;
    const rows = sight.rows.filter(({ shownTick }) => isWithin(shownTick));
    if (sight.tickRate !== file.tickRate || rows.length === 0) {
      throw new ReplayFileError('This player’s file has nothing from the time of this match.');
    }
    if (medianOffset(rows, film) > FOREIGN) {
      throw new ReplayFileError(
        'This player’s file is of another match: its circles are elsewhere.',
      );
    }
    return new Incident(sight, rows);
  }

  /** What was on the screen about a tick; nothing where it wasn't recorded. */
  at(tick: number, alignment: Alignment): Look | undefined {
    const rows = this.rows[alignment];
    const tickOf = TICK_OF[alignment];
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (tickOf(rows[middle] as SightRow) <= tick) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const row = rows[low - 1];
    const next = rows[low];
    if (row === undefined || tick - tickOf(row) > FARTHEST * this.tickRate) {
      return undefined;
    }
    const span = next === undefined ? 0 : tickOf(next) - tickOf(row);
    const isBetween = next?.ownSeat === row.ownSeat && span > 0 && span < FARTHEST * this.tickRate;
    return isBetween
      ? { row, next, share: (tick - tickOf(row)) / span }
      : { row, next: row, share: 0 };
  }

  /** How far what was seen is from the state drawn beside it. */
  offsets({ row }: Look, seen: Frame, there: Frame): Offsets {
    let others: number | undefined;
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      if (seat !== row.ownSeat) {
        const way = wayBetween(seen, there, seat);
        others = way === undefined ? others : Math.max(others ?? 0, way);
      }
    }
    return {
      age: ((row.serverTick - row.shownTick) / this.tickRate) * 1_000,
      own: wayBetween(seen, there, row.ownSeat),
      others,
    };
  }
}

/** Fills `frame` with what was seen; knibbles are none of it. */
export function fillSeen({ row, next, share }: Look, frame: Frame): void {
  frame.circles = 0;
  for (const circle of row.circles) {
    const { seat } = circle;
    const end = next.circles.find((other) => other.seat === seat) ?? circle;
    const between = (from: number, to: number): number => (from + (to - from) * share) / QUARTERS;
    frame.circles |= 1 << seat;
    frame.x[seat] = between(circle.x, end.x);
    frame.y[seat] = between(circle.y, end.y);
    frame.radius[seat] = between(circle.radius, end.radius);
  }
}

function wayBetween(seen: Frame, there: Frame, seat: number): number | undefined {
  if (!seen.has(seat) || !there.has(seat)) {
    return undefined;
  }
  const dx = (seen.x[seat] as number) - (there.x[seat] as number);
  const dy = (seen.y[seat] as number) - (there.y[seat] as number);
  return Math.hypot(dx, dy);
}

/** How far what was drawn is from what there was at the ticks drawn, in pixels. */
function medianOffset(rows: readonly SightRow[], film: Film): number {
  const stride = Math.max(1, Math.floor(rows.length / PROBES));
  const ways = rows
    .filter((row, index) => index % stride === 0 && !row.isExtrapolated && !row.isFrozen)
    .flatMap((row) => waysOf(row, film))
    .sort((a, b) => a - b);
  return ways[ways.length >> 1] ?? 0;
}

function waysOf(row: SightRow, film: Film): number[] {
  const others = row.circles.filter(({ seat }) => seat !== row.ownSeat);
  const shot = film.at(row.shownTick);
  const ways = others.flatMap(({ seat, x, y }) => wayTo(shot, seat, x, y));
  if (others.length > 0) {
    return ways.length > 0 ? ways : [Number.POSITIVE_INFINITY];
  }
  const own = row.circles[0];
  return own === undefined ? [] : wayTo(film.at(row.ownTick), own.seat, own.x, own.y);
}

function wayTo({ from, to, alpha }: Shot, seat: number, x: number, y: number): number[] {
  if (!from.hasCircle(seat) || !to.hasCircle(seat)) {
    return [];
  }
  const between = (start: number, end: number): number => start + (end - start) * alpha;
  const dx = x - between(from.circleX[seat] as number, to.circleX[seat] as number);
  const dy = y - between(from.circleY[seat] as number, to.circleY[seat] as number);
  return [Math.hypot(dx, dy) / QUARTERS];
}
