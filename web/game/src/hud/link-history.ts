/**
 * What the link did over the last twenty seconds, in columns of a tenth of a second, put together
 * from statistics taken some ten times a second. It neither judges nor draws.
 */

import type { Stats } from '@battle-circles/sdk';

export const COLUMN_MS = 100;
export const COLUMNS = 200;

/** Who isn't asked for so long was not on the screen: a hidden page, or a sleeping device. */
const AWAY_MS = 1_000;

/** Where no snapshot of known age comes, the last age is carried on for so long. */
const CARRIED_MS = 400;

/** Rounding makes starved time tremble by less than this. */
const LEAST_STARVED_MS = 2;

/** One tenth of a second. */
export interface Column {
  /** Greatest age of the snapshots that came in it, in milliseconds; 0 where none is known. */
  readonly age: number;
  /** Whether some of it lay over 150 ms behind the newest snapshot's coming. */
  readonly isStarved: boolean;
  /** Snapshots found missing in it, and still missing. */
  readonly lost: number;
  /** The page was not seen. */
  readonly isAway: boolean;
}

type MutableColumn = { -readonly [K in keyof Column]: Column[K] };

/** The columns, oldest first. */
export class LinkHistory {
  readonly columns: readonly Column[];
  private readonly kept: MutableColumn[];
  private at: number | undefined;
  private lastNews = 0;
  private tick = 0;
  private snapshots = 0;
  private missing = 0;
  private standstill = 0;
  private lastAge = Number.NaN;
  private agedAt = 0;
  /** Time that `starvedFraction` is a share of, as far as is seen from here, and the starved part. */
  private total = 0;
  private starved = 0;

  constructor() {
    this.kept = Array.from({ length: COLUMNS }, blank);
    this.columns = this.kept;
  }

  /** Takes the newest statistics; `now` in milliseconds. */
  update(stats: Stats, now: number): void {
    const before = this.at ?? now;
    const isAway = now - before > AWAY_MS;
    const stood = Math.max(0, stats.standstill - this.standstill);
    this.standstill = stats.standstill;
    this.at = now;
    this.turn(before, now);
    if (stats.snapshots < this.snapshots) {
      this.total = 0;
      this.starved = 0;
      this.missing = 0;
    }
    if (isAway) {
      this.mark(before, now, (column) => {
        column.isAway = true;
      });
    }
    this.takeNews(stats, now, isAway ? now - before : stood);
    this.takeAges(stats, before, now);
    this.takeLosses(stats);
    this.takeStarved(stats, before, now, isAway ? now - before : stood);
    this.snapshots = stats.snapshots;
  }

  /** For how long at least nothing has come, in milliseconds; 0 before the first snapshot. */
  silence(now: number): number {
    return this.tick === 0 ? 0 : Math.max(0, now - this.lastNews);
  }

  private takeNews(stats: Stats, now: number, excused: number): void {
    if (stats.tick === this.tick) {
      this.lastNews += excused;
    } else {
      this.lastNews = now;
      this.tick = stats.tick;
    }
  }

  private takeAges({ recentAges }: Stats, before: number, now: number): void {
    const known = recentAges.lastIndexOf(this.lastAge);
    const isNew = recentAges.length > 0 && known < recentAges.length - 1;
    // A pause between two is no gap; after a while the age is just not known.
    const isCarried = now - this.agedAt <= CARRIED_MS;
    const carried = isCarried ? this.newest.age : 0;
    const age = isNew ? Math.max(...recentAges.slice(known + 1)) : carried;
    this.agedAt = isNew ? now : this.agedAt;
    this.lastAge = recentAges.at(-1) ?? Number.NaN;
    this.mark(before, now, (column) => {
      column.age = age;
    });
  }

  private takeLosses({ sequences }: Stats): void {
    const isAny = sequences.received > 0;
    const missing = isAny ? sequences.newest - sequences.first + 1 - sequences.received : 0;
    this.newest.lost += Math.max(0, missing - this.missing);
    // What was only overtaken has come after all.
    let found = Math.max(0, this.missing - missing);
    for (let index = COLUMNS - 1; index >= 0 && found > 0; index -= 1) {
      const column = this.kept[index] as MutableColumn;
      const back = Math.min(found, column.lost);
      column.lost -= back;
      found -= back;
    }
    this.missing = missing;
  }

  private takeStarved(stats: Stats, before: number, now: number, excused: number): void {
    if (stats.snapshots === 0) {
      return;
    }
    this.total += Math.max(0, now - before - excused);
    const starved = stats.starvedFraction * this.total;
    const more = starved - this.starved;
    this.starved = starved;
    if (more > LEAST_STARVED_MS) {
      this.mark(Math.max(before, now - more), now, (column) => {
        column.isStarved = true;
      });
    } else if (more < -LEAST_STARVED_MS) {
      this.takeBackStarved(Math.ceil(-more / COLUMN_MS));
    }
  }

  /** What looked like silence was the page itself that stood still. */
  private takeBackStarved(count: number): void {
    let left = count;
    for (let index = COLUMNS - 1; index >= 0 && left > 0; index -= 1) {
      const column = this.kept[index] as MutableColumn;
      left -= column.isStarved ? 1 : 0;
      column.isStarved = false;
    }
  }

  private get newest(): MutableColumn {
    return this.kept[COLUMNS - 1] as MutableColumn;
  }

  /** Makes room for the time since `before`. */
  private turn(before: number, now: number): void {
    const steps = columnOf(now) - columnOf(before);
    for (let step = 0; step < Math.min(steps, COLUMNS); step += 1) {
      const { age } = this.newest;
      const column = this.kept.shift() as MutableColumn;
      this.kept.push(Object.assign(column, blank(), { age }));
    }
  }

  /** Changes the columns that begin after `from`, and the one at `now`. */
  private mark(from: number, now: number, change: (column: MutableColumn) => void): void {
    const count = Math.max(1, columnOf(now) - columnOf(from));
    for (let back = 1; back <= Math.min(count, COLUMNS); back += 1) {
      change(this.kept[COLUMNS - back] as MutableColumn);
    }
  }
}

function blank(): MutableColumn {
  return { age: 0, isStarved: false, lost: 0, isAway: false };
}

function columnOf(time: number): number {
  return Math.floor(time / COLUMN_MS);
}
