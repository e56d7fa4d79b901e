/**
 * Snapshots from datagrams: finds each one's baseline, lets the adapter decode it, keeps the result
 * as a baseline for later ones and acknowledges it. What is shown is not decided here.
 */

import type { DeltaContext, GameAdapter } from '../adapter.ts';
import type { SnapshotHeader } from '../protocol/datagram.ts';
import type { StateLane } from '../protocol/state-lane.ts';
import type { ReceivedDatagram } from '../received-datagram.ts';

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
  private readonly ticks = new Float64Array(SnapshotReceiver.CAPACITY).fill(-1);
  private readonly views: (View | undefined)[] = [];
  private readonly context = { tick: 0, baselineAge: 0, baselineTick: 0 };
  private next = 0;
  private decoded: Snapshot<View> | undefined;

  constructor(adapter: Decoder<View>, lane: StateLane) {
    this.adapter = adapter;
    this.lane = lane;
  }

  /** The snapshot of the last `newest` or `late` verdict; the object is used again. */
  get last(): Snapshot<View> | undefined {
    return this.decoded;
  }

  /** Takes a datagram that came in at `now`. Never throws. */
  receive(now: number, datagram: ReceivedDatagram): Verdict {
    if (datagram.isMalformed) {
      return 'malformed';
    }
    if (this.lane.judge(datagram.header) === 'duplicate') {
      return 'duplicate';
    }
    return this.decode(datagram) ? this.keep(now, datagram) : 'undecodable';
  }

  private decode({ snapshot, payload }: ReceivedDatagram): boolean {
    const baseline = this.baseline(snapshot);
    if (baseline === undefined) {
      return false;
    }
    try {
      const reuse = this.views[this.next];
      const view = this.adapter.decodeDelta(payload, baseline, reuse, this.contextOf(snapshot));
      payload.end();
      this.views[this.next] = view;
      return true;
    } catch {
      // The adapter may have begun to overwrite the view it was to reuse.
      this.views[this.next] = undefined;
      this.ticks[this.next] = -1;
      return false;
    }
  }

  private contextOf({ tick, baselineAge }: SnapshotHeader): DeltaContext {
    const { context } = this;
    context.tick = tick;
    context.baselineAge = baselineAge;
    context.baselineTick = tick - baselineAge;
    return context;
  }

  private keep(now: number, { header, snapshot, waited }: ReceivedDatagram): Verdict {
    const view = this.views[this.next] as View;
    const { sequence } = header;
    const { tick, inputLead } = snapshot;
    this.ticks[this.next] = tick;
    this.next = (this.next + 1) % SnapshotReceiver.CAPACITY;
    this.decoded ??= { sequence, tick, inputLead, view };
    this.decoded.sequence = sequence;
    this.decoded.tick = tick;
    this.decoded.inputLead = inputLead;
    this.decoded.view = view;
    return this.lane.receiveDatagram(now, header, waited);
  }

  private baseline({ tick, baselineAge }: SnapshotHeader): View | undefined {
    if (baselineAge === 0) {
      return this.adapter.emptyView;
    }
    // The slot that is next to be overwritten is no baseline any more.
    const baselineTick = tick - baselineAge;
    for (let back = 1; back < SnapshotReceiver.CAPACITY; back += 1) {
      const slot = (this.next - back + SnapshotReceiver.CAPACITY) % SnapshotReceiver.CAPACITY;
      if (this.ticks[slot] === baselineTick) {
        return this.views[slot];
      }
    }
    return undefined;
  }
}
