/**
 * Snapshots from datagrams: finds each one's baseline, lets the adapter decode it, keeps the result
 * as a baseline for later ones and acknowledges it. What is shown is not decided here.
 */

import type { GameAdapter } from '../adapter.ts';
import { Reader } from '../protocol/codec.ts';
import {
  type DatagramHeader,
  readDatagramHeader,
  readSnapshotHeader,
  type SnapshotHeader,
} from '../protocol/datagram.ts';
import { MAX_DATAGRAM } from '../protocol/limits.ts';
import type { StateLane } from '../protocol/state-lane.ts';

/**
 * What became of a datagram. `newest`: decoded, newer than all before. `late`: decoded, but
 * overtaken. `undecodable`: its baseline is not held, or it does not fit it.
 */
export type Verdict = 'newest' | 'late' | 'duplicate' | 'undecodable' | 'malformed';

/** A snapshot that was decoded. */
export interface Snapshot<View> {
  sequence: number;
  tick: number;
  inputLead: number;
  view: View;
}

type Decoder<View> = Pick<GameAdapter<View, never>, 'emptyView' | 'decodeDelta'>;

/** Decodes one session's snapshots. */
export class SnapshotReceiver<View> {
  /**
   * Views kept as baselines: as many as the server remembers datagrams, so that it can never name
   * one that is gone.
   */
  static readonly CAPACITY = 128;

  private readonly adapter: Decoder<View>;
  private readonly lane: StateLane;
  private readonly reader = new Reader(new Uint8Array(0));
  private readonly ticks = new Float64Array(SnapshotReceiver.CAPACITY).fill(-1);
  private readonly views: (View | undefined)[] = [];
  private next = 0;
  private snapshot: Snapshot<View> | undefined;

  constructor(adapter: Decoder<View>, lane: StateLane) {
    this.adapter = adapter;
    this.lane = lane;
  }

  /** The snapshot of the last `newest` or `late` verdict; the object is used again. */
  get last(): Snapshot<View> | undefined {
    return this.snapshot;
  }

  /**
   * Takes a datagram that came in at `now`. `waited`: for how long at most it has lain in the
   * page. Never throws.
   */
  receive(now: number, bytes: Uint8Array, waited = 0): Verdict {
    if (bytes.length > MAX_DATAGRAM) {
      return 'malformed';
    }
    let header: DatagramHeader;
    let about: SnapshotHeader;
    try {
      const reader = this.reader.reset(bytes);
      header = readDatagramHeader(reader);
      about = readSnapshotHeader(reader);
    } catch {
      return 'malformed';
    }
    if (this.lane.judge(header) === 'duplicate') {
      return 'duplicate';
    }
    return this.decode(about) ? this.keep(now, header, about, waited) : 'undecodable';
  }

  private decode(about: SnapshotHeader): boolean {
    const baseline = this.baseline(about);
    if (baseline === undefined) {
      return false;
    }
    try {
      const reuse = this.views[this.next];
      const view = this.adapter.decodeDelta(this.reader, baseline, reuse, about.baselineAge);
      this.reader.end();
      this.views[this.next] = view;
      return true;
    } catch {
      // The adapter may have begun to overwrite the view it was to reuse.
      this.views[this.next] = undefined;
      this.ticks[this.next] = -1;
      return false;
    }
  }

  private keep(
    now: number,
    header: DatagramHeader,
    about: SnapshotHeader,
    waited: number,
  ): Verdict {
    const view = this.views[this.next] as View;
    this.ticks[this.next] = about.tick;
    this.next = (this.next + 1) % SnapshotReceiver.CAPACITY;
    const { sequence } = header;
    const { tick, inputLead } = about;
    this.snapshot = Object.assign(this.snapshot ?? { sequence, tick, inputLead, view }, {
      sequence,
      tick,
      inputLead,
      view,
    });
    return this.lane.receiveDatagram(now, header, waited);
  }

  private baseline(about: SnapshotHeader): View | undefined {
    if (about.baselineAge === 0) {
      return this.adapter.emptyView;
    }
    // The slot that is next to be overwritten is no baseline any more.
    const wanted = about.tick - about.baselineAge;
    for (let back = 1; back < SnapshotReceiver.CAPACITY; back += 1) {
      const slot = (this.next - back + SnapshotReceiver.CAPACITY) % SnapshotReceiver.CAPACITY;
      if (this.ticks[slot] === wanted) {
        return this.views[slot];
      }
    }
    return undefined;
  }
}
