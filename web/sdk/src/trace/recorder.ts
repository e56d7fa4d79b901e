/**
 * What the path did to a session's datagrams, as a trace that the loss lab can play again: a probe
 * is a snapshot on its way down or a datagram of our own on its way up. It records; it draws no
 * conclusions, and what the game does doesn't hang on it.
 */

import type { DatagramRecord, Direction } from '../datagram-tap.ts';
import { DownProbes } from './down-probes.ts';
import { type ArrivalOf, PathTimes } from './path-times.ts';
import { ProbeRing } from './ring.ts';
import { ProbeTrack } from './track.ts';
import { UpProbes } from './up-probes.ts';

/** How far back a recording goes. */
const SPAN_MS = 600_000;

/** Probes kept in each direction: ten minutes at 40 a second. */
const CAPACITY = 24_576;

/** What hasn't come after so long never will. */
const PATIENCE_MS = 5_000;

/** Longest delay that a trace may hold. */
const LONGEST_DELAY_MS = 60_000;

const HEADER = 'at_ms,direction,delay_ms\n';

/** Records all the time, the last ten minutes. Times in milliseconds of one clock. */
export class TraceRecorder {
  private readonly times: PathTimes;
  private readonly rings = { down: new ProbeRing(CAPACITY), up: new ProbeRing(CAPACITY) };
  private session: Recording;
  private pausedAt: number | undefined;

  /** `arrivalOf` is the snapshot clock's, of the session that is played. */
  constructor(arrivalOf: ArrivalOf) {
    this.times = new PathTimes(arrivalOf);
    this.session = new Recording(this.rings, this.times);
  }

  /**
   * Takes a datagram that goes out, or one that came in and was found to be a snapshot; keeps
   * nothing of the record.
   */
  note(record: DatagramRecord): void {
    if (this.pausedAt === undefined) {
      this.session.settle(record.at - PATIENCE_MS);
      this.session.note(record);
    }
  }

  /** Another session begins: numbers count from 0 again. */
  begin(now: number): void {
    if (this.pausedAt === undefined) {
      this.session.close(now);
    }
    this.session = new Recording(this.rings, this.times);
  }

  /** What is under way now is not judged, and time stands still until {@link resume}. */
  pause(now: number): void {
    this.session.settle(now - PATIENCE_MS);
    this.pausedAt ??= now;
  }

  resume(now: number): void {
    const paused = now - (this.pausedAt ?? now);
    this.rings.down.skip(paused);
    this.rings.up.skip(paused);
    this.pausedAt = undefined;
    this.session = new Recording(this.rings, this.times);
  }

  /**
   * The trace up to `now` as CSV, less the last few seconds, which are still open: a row for each
   * probe in order of time. Empty but for its header before there is any.
   */
  csv(now: number): string {
    if (this.pausedAt === undefined) {
      this.session.close(now);
    }
    const { down, up } = this.rings;
    const end = Math.max(lastOf(down), lastOf(up));
    const downRows = new Rows(down, 'down', end - SPAN_MS);
    const upRows = new Rows(up, 'up', end - SPAN_MS);
    const start = Math.min(downRows.at, upRows.at);
    const lines = [HEADER];
    while (downRows.at < Number.POSITIVE_INFINITY || upRows.at < Number.POSITIVE_INFINITY) {
      lines.push((downRows.at <= upRows.at ? downRows : upRows).take(start));
    }
    return lines.join('');
  }
}

/** Both directions of one session. */
class Recording {
  private readonly downTrack: ProbeTrack;
  private readonly upTrack: ProbeTrack;
  private readonly down: DownProbes;
  private readonly up: UpProbes;

  constructor(rings: { readonly down: ProbeRing; readonly up: ProbeRing }, times: PathTimes) {
    this.downTrack = new ProbeTrack(rings.down);
    this.upTrack = new ProbeTrack(rings.up);
    this.down = new DownProbes(this.downTrack, times);
    this.up = new UpProbes(this.upTrack, times);
  }

  note(record: DatagramRecord): void {
    const { tick, isDuplicate } = record;
    if (isDuplicate) {
      return;
    }
    if (tick === undefined) {
      this.up.note(record);
    } else if (this.down.note(tick, record)) {
      this.up.onSnapshot(tick, record);
    }
  }

  settle(before: number): void {
    this.down.settle(before);
    this.up.settle(before);
  }

  /** Tells of the silence at the end as well, if there is one. */
  close(now: number): void {
    this.settle(now - PATIENCE_MS);
    if (this.down.isSilent(now)) {
      this.settle(now);
      this.downTrack.silent(now);
      this.upTrack.silent(now, this.up.openSince);
    }
  }
}

/** A ring's rows, one after the other. */
class Rows {
  private readonly ring: ProbeRing;
  private readonly direction: Direction;
  private index = 0;

  constructor(ring: ProbeRing, direction: Direction, since: number) {
    this.ring = ring;
    this.direction = direction;
    while (this.at < since) {
      this.index += 1;
    }
  }

  /** When the next one's probe was sent; `Infinity` after the last. */
  get at(): number {
    return this.index < this.ring.size ? this.ring.timeAt(this.index) : Number.POSITIVE_INFINITY;
  }

  /** The next one as a line, its time counted from `start`. */
  take(start: number): string {
    const delay = this.ring.delayAt(this.index);
    const text = Number.isNaN(delay) ? '' : Math.min(LONGEST_DELAY_MS, delay).toFixed(1);
    const line = `${(this.at - start).toFixed(1)},${this.direction},${text}\n`;
    this.index += 1;
    return line;
  }
}

function lastOf(ring: ProbeRing): number {
  return ring.size > 0 ? ring.timeAt(ring.size - 1) : Number.NEGATIVE_INFINITY;
}
