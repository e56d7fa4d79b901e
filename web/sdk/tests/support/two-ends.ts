/**
 * A server and a client that only send each other State datagrams, over a path that is known: what
 * the client's recorder says of the path can be held against it. Steps of a millisecond, no timers.
 */

import type { DatagramRecord, Direction } from '../../src/datagram-tap.ts';
import { type DatagramHeader, LONGEST_DELAY } from '../../src/protocol/datagram.ts';
import { StateLane } from '../../src/protocol/state-lane.ts';
import { SnapshotClock } from '../../src/sync/clock.ts';
import { TraceRecorder } from '../../src/trace/recorder.ts';

const TICK_MS = 10;
const TICKS_PER_SNAPSHOT = 5;
const INPUT_MS = 33;

/** How long what is sent at a time takes, in milliseconds; nothing when it is lost. */
export type Way = (sentAt: number) => number | undefined;

interface Carried {
  readonly direction: Direction;
  readonly due: number;
  readonly tick: number;
  readonly header: DatagramHeader;
  readonly isDuplicate?: boolean;
}

/** A row of a trace as text. */
export interface Row {
  readonly at: number;
  readonly direction: string;
  readonly delay: number | undefined;
}

/** The rows of a trace. */
export function rowsOf(csv: string): Row[] {
  const [header, ...lines] = csv.trimEnd().split('\n');
  if (header !== 'at_ms,direction,delay_ms') {
    throw new Error(`no trace: ${header}`);
  }
  return lines.map((line) => {
    const [at = '', direction = '', delay = ''] = line.split(',');
    return { at: Number(at), direction, delay: delay === '' ? undefined : Number(delay) };
  });
}

/** Both ends and what is on its way between them. */
export class TwoEnds {
  readonly recorder: TraceRecorder;
  now = 0;
  down: Way = () => 20;
  up: Way = () => 20;
  /** While it is false the server has no link, and counts no snapshots. */
  hasLink = true;
  /** While the page stands still it sends nothing. */
  isBusy = false;
  /** Each snapshot is sent once more so many milliseconds later. */
  repeatAfter: number | undefined;
  /** For how long the page may have stood still before what comes in now. */
  waited = 0;
  private readonly server = new StateLane();
  private readonly client = new StateLane();
  private readonly clock = new SnapshotClock(TICK_MS);
  private carried: Carried[] = [];

  constructor() {
    this.recorder = new TraceRecorder((tick) =>
      this.clock.isRunning ? this.clock.arrivalOf(tick) : undefined,
    );
  }

  run(seconds: number): this {
    const end = this.now + 1_000 * seconds;
    for (; this.now < end; this.now += 1) {
      this.deliver();
      const tick = this.now / TICK_MS;
      if (tick % TICKS_PER_SNAPSHOT === 0 && this.hasLink) {
        this.carry('down', this.down(this.now), tick, this.server.sendDatagram(this.now, tick));
      }
      if (this.now % INPUT_MS === 0 && !this.isBusy) {
        const header = this.client.sendDatagram(this.now, tick);
        this.record('up', undefined, header);
        this.carry('up', this.up(this.now), tick, header);
      }
    }
    return this;
  }

  rows(direction?: Direction): Row[] {
    const rows = rowsOf(this.recorder.csv(this.now));
    return rows.filter((row) => direction === undefined || row.direction === direction);
  }

  private carry(
    direction: Direction,
    delay: number | undefined,
    tick: number,
    header: DatagramHeader,
  ): void {
    if (delay !== undefined) {
      const due = this.now + delay;
      this.carried.push({ direction, due, tick, header });
      if (this.repeatAfter !== undefined) {
        const again = due + this.repeatAfter;
        this.carried.push({ direction, due: again, tick, header, isDuplicate: true });
      }
    }
  }

  private deliver(): void {
    const due = this.carried.filter((one) => one.due <= this.now);
    this.carried = this.carried.filter((one) => one.due > this.now);
    for (const { direction, tick, header, isDuplicate } of due.sort((a, b) => a.due - b.due)) {
      if (direction === 'up') {
        this.server.receiveDatagram(this.now, header);
      } else {
        this.client.receiveDatagram(this.now, header, this.waited);
        this.clock.onSnapshot(this.now, tick, undefined, this.waited > 0);
        this.record('down', tick, header, isDuplicate);
      }
    }
  }

  private record(
    direction: Direction,
    tick: number | undefined,
    header: DatagramHeader,
    isDuplicate = false,
  ): void {
    const { sequence, ack, ackBits, ackDelay } = header;
    this.recorder.note({
      direction,
      at: this.now,
      waited: direction === 'down' ? this.waited : 0,
      link: 1,
      rung: 'webtransport',
      bytes: 100,
      sequence,
      isDuplicate,
      tick,
      ack: ackDelay > LONGEST_DELAY ? undefined : ack,
      ackBits,
      ackDelay: ackDelay < LONGEST_DELAY ? ackDelay : undefined,
    } satisfies DatagramRecord);
  }
}
