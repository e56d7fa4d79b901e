/** One link of a session as its connection keeps it: its numbers, and what it has carried. */

import type { RungKind } from '../../rung.ts';
import type { Link, LinkCounters, Ticket } from '../transport/link.ts';
import type { LinkIds } from './link-ids.ts';

/** A link from the wish to open it. */
export class SessionLink {
  readonly attempt: number;
  readonly rung: RungKind;
  /** There once the link is being opened. */
  link: Link | undefined;
  /** The number it attaches with; 0 before it has one. */
  id = 0;
  isAttached = false;
  /** Number of the ping that asks whether it is heard, while that is in doubt. */
  probe: number | undefined;
  /** Snapshots that came in on it. */
  snapshots = 0;
  private readonly counted: LinkCounters = { bytesIn: 0, bytesOut: 0, unsent: 0 };

  constructor(attempt: number, rung: RungKind) {
    this.attempt = attempt;
    this.rung = rung;
  }

  /** What it shows to hold the seat. */
  ticket(token: () => Promise<string>, ids: LinkIds): Ticket {
    return {
      get token() {
        return token();
      },
      takeId: () => {
        this.id = ids.take();
        return this.id;
      },
    };
  }

  /** What it has carried since the last call. */
  takeCounts(): LinkCounters {
    const { bytesIn, bytesOut, unsent } = this.link?.counters ?? this.counted;
    const fresh = {
      bytesIn: bytesIn - this.counted.bytesIn,
      bytesOut: bytesOut - this.counted.bytesOut,
      unsent: unsent - this.counted.unsent,
    };
    Object.assign(this.counted, { bytesIn, bytesOut, unsent });
    return fresh;
  }
}
