/**
 * For how long the server has heard nothing of us although we spoke, as its acknowledgements tell,
 * and which link has carried what it heard. It judges no link. Times in milliseconds.
 */

import { type DatagramHeader, LONGEST_DELAY, NOTHING_RECEIVED } from '../../protocol/datagram.ts';
import { type Sequence, sequenceDistance, sequencePlus } from '../../protocol/sequence.ts';

/** Datagrams remembered: three seconds at forty a second. A power of two. */
const REMEMBERED = 128;

/** Fewer than so many unheard in a row are losses. */
const FEWEST_UNHEARD = 4;

/** A datagram of ours. */
interface Sent {
  sequence: number;
  at: number;
  /** The only link that it went out on; nothing where there were several. */
  link: number | undefined;
}

/** What a snapshot says of the way up. */
export interface Hearing {
  /** How long the server had heard nothing when it sent it, although something was on its way. */
  readonly silence: number;
  /** A link that has carried something up, if just that one can have. */
  readonly proven: number | undefined;
}

/** The way up of one session, over all its links. */
export class Uplink {
  private readonly ring: (Sent | undefined)[] = new Array<Sent | undefined>(REMEMBERED);
  private newest: number | undefined;
  private first = 0;
  private acked: number | undefined;
  private roundTrip = 0;

  /** The round trip in milliseconds, once it is known. */
  setRoundTrip(roundTrip: number): void {
    this.roundTrip = roundTrip;
  }

  /** A datagram of ours goes out on these links. */
  sent(now: number, sequence: Sequence, links: readonly number[]): void {
    this.first = this.newest === undefined ? sequence : this.first;
    this.newest = sequence;
    const link = links.length === 1 ? links[0] : undefined;
    this.ring[sequence % REMEMBERED] = { sequence, at: now, link };
  }

  /** Takes the header of a snapshot newer than all before. */
  onSnapshot(now: number, { ack, ackDelay }: DatagramHeader): Hearing {
    const then = now - this.roundTrip;
    if (ackDelay === NOTHING_RECEIVED) {
      return { silence: this.unheard(then, this.first), proven: undefined };
    }
    const isNews = this.acked === undefined || sequenceDistance(ack, this.acked) > 0;
    this.acked = isNews ? ack : this.acked;
    const ackAge = ackDelay < LONGEST_DELAY ? ackDelay : Number.POSITIVE_INFINITY;
    return {
      silence: Math.min(ackAge, this.unheard(then, sequencePlus(ack, 1))),
      proven: isNews ? this.find(ack)?.link : undefined,
    };
  }

  /** How long before `then` the first of those went out that the server should have heard by then. */
  private unheard(then: number, sequence: number): number {
    const first = this.find(sequence);
    const enough = this.find(sequencePlus(sequence, FEWEST_UNHEARD - 1));
    return first !== undefined && enough !== undefined && enough.at <= then ? then - first.at : 0;
  }

  private find(sequence: number): Sent | undefined {
    const sent = this.ring[sequence % REMEMBERED];
    return sent?.sequence === sequence ? sent : undefined;
  }
}
