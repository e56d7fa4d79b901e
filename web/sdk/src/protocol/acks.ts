/**
 * Acknowledgements of State datagrams: what the peer sent and we hold, what we sent and the peer
 * holds. After Glenn Fiedler's "Reliability and Congestion Avoidance over UDP".
 */

import { type Sequence, sequenceDistance, sequencePlus } from './sequence.ts';

/** `newest`: newer than all before. `late`: overtaken. `duplicate`: seen, or too old to tell. */
export type Freshness = 'newest' | 'late' | 'duplicate';

/** The datagrams that came in, as the newest number and a bit for each of the 32 before it. */
export class ReceivedWindow {
  private hasAny = false;
  private newestSequence: Sequence = 0;
  private newestTime = 0;
  private mask = 0;

  /** How `sequence` would be judged, without remembering it. */
  judge(sequence: Sequence): Freshness {
    if (!this.hasAny) {
      return 'newest';
    }
    const distance = sequenceDistance(sequence, this.newestSequence);
    if (distance > 0) {
      return 'newest';
    }
    const isNew = distance < 0 && distance >= -32 && (this.mask & bit(-distance)) === 0;
    return isNew ? 'late' : 'duplicate';
  }

  /** Remembers that `sequence` came in at `now`, and says how new it is. */
  receive(now: number, sequence: Sequence): Freshness {
    const freshness = this.judge(sequence);
    if (freshness === 'newest') {
      if (this.hasAny) {
        const step = sequenceDistance(sequence, this.newestSequence);
        const shifted = step < 32 ? this.mask << step : 0;
        this.mask = shifted | (step <= 32 ? bit(step) : 0);
      }
      this.hasAny = true;
      this.newestSequence = sequence;
      this.newestTime = now;
    } else if (freshness === 'late') {
      this.mask |= bit(sequenceDistance(this.newestSequence, sequence));
    }
    return freshness;
  }

  /** The newest number received, if any came. */
  get newest(): Sequence | undefined {
    return this.hasAny ? this.newestSequence : undefined;
  }

  /** When the newest came in. */
  get newestAt(): number {
    return this.newestTime;
  }

  /** Bit *i* says that the number *i + 1* before the newest came in. */
  get bits(): number {
    return this.mask >>> 0;
  }
}

/** What the sender remembers of one State datagram. */
export interface SentDatagram {
  sequence: Sequence;
  /** When it was handed to the links. */
  sentAt: number;
  /** The tick it was about: the newest input's. */
  tick: number;
  state: 'in flight' | 'acked' | 'lost';
  /** Our own end stood still while it was under way: what became of it says nothing. */
  isExcused: boolean;
}

/** Told of each datagram once. */
export interface AckObserver {
  /** `isNewest`: it is the very one that the peer's header names, so that its delay is known. */
  acked(datagram: Readonly<SentDatagram>, isNewest: boolean): void;
  /** It can no longer be acked in time; an ack that still comes later is taken all the same. */
  lost(datagram: Readonly<SentDatagram>): void;
}

/** The datagrams that went out, in a ring of {@link SentWindow.CAPACITY}. */
export class SentWindow {
  /** Datagrams remembered. An ack for an older one is ignored. */
  static readonly CAPACITY = 128;

  /** A datagram more than this many numbers behind the newest acked counts as lost. */
  private static readonly REORDER_WINDOW = 8;

  private readonly ring: (SentDatagram | undefined)[] = new Array<SentDatagram | undefined>(
    SentWindow.CAPACITY,
  ).fill(undefined);
  private next: Sequence = 0;
  private newest: SentDatagram | undefined;

  /** Takes the next number for a datagram about `tick` that goes out at `now`. */
  send(now: number, tick: number, isExcused = false): Sequence {
    const sequence = this.next;
    this.next = sequencePlus(sequence, 1);
    const state = 'in flight';
    this.ring[sequence % SentWindow.CAPACITY] = { sequence, sentAt: now, tick, state, isExcused };
    return sequence;
  }

  /** What is under way says nothing of the path. */
  excuse(): void {
    for (const sent of this.ring) {
      if (sent?.state === 'in flight') {
        sent.isExcused = true;
      }
    }
  }

  /** Takes a peer's ack and ack bits; one for what was never sent is ignored. Oldest first. */
  acknowledge(ack: Sequence, bits: number, observer: AckObserver): void {
    if (this.find(ack) === undefined) {
      return;
    }
    for (let back = 32; back >= 0; back -= 1) {
      if (back > 0 && (bits & bit(back)) === 0) {
        continue;
      }
      const sent = this.find(sequencePlus(ack, -back));
      if (sent === undefined || sent.state === 'acked') {
        continue;
      }
      sent.state = 'acked';
      if (this.newest === undefined || sequenceDistance(sent.sequence, this.newest.sequence) > 0) {
        this.newest = sent;
      }
      observer.acked(sent, back === 0);
    }
    this.expire(ack, observer);
  }

  /** The newest datagram that the peer is known to hold. */
  get newestAcked(): Readonly<SentDatagram> | undefined {
    return this.newest;
  }

  private expire(ack: Sequence, observer: AckObserver): void {
    for (const sent of this.ring) {
      if (
        sent?.state === 'in flight' &&
        sequenceDistance(ack, sent.sequence) > SentWindow.REORDER_WINDOW
      ) {
        sent.state = 'lost';
        observer.lost(sent);
      }
    }
  }

  private find(sequence: Sequence): SentDatagram | undefined {
    const sent = this.ring[sequence % SentWindow.CAPACITY];
    return sent?.sequence === sequence ? sent : undefined;
  }
}

/** The bit of the number `distance` (1 to 32) before the newest. */
function bit(distance: number): number {
  return 1 << (distance - 1);
}
