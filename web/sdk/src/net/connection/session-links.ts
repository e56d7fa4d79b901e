/** The links of one session, live or being opened, and what they have carried. It decides nothing. */

import type { RungKind } from '../../rung.ts';
import type { LinkStats } from '../../stats.ts';
import type { Ladder } from '../ladder/ladder.ts';
import type { ControlCandidate } from './control-lane.ts';
import { SessionLink } from './session-link.ts';
import { Traffic } from './traffic.ts';

/** Links by the ladder's attempts. */
export class SessionLinks {
  private readonly ladder: Ladder;
  private readonly links = new Map<number, SessionLink>();
  private readonly carried = new Traffic();

  constructor(ladder: Ladder) {
    this.ladder = ladder;
  }

  add(attempt: number, rung: RungKind): SessionLink {
    const entry = new SessionLink(attempt, rung);
    this.links.set(attempt, entry);
    return entry;
  }

  get(attempt: number | undefined): SessionLink | undefined {
    return attempt === undefined ? undefined : this.links.get(attempt);
  }

  /** Forgets a link, once it is counted; says whether it was there. */
  remove(now: number, entry: SessionLink): boolean {
    this.count(now, entry);
    return this.links.delete(entry.attempt);
  }

  all(): SessionLink[] {
    return [...this.links.values()];
  }

  /** Those that carry State. */
  active(): SessionLink[] {
    return this.all().filter(
      ({ isAttached, attempt }) => isAttached && this.ladder.useOf(attempt) === 'active',
    );
  }

  /** Those that could carry Control. */
  controlCandidates(now: number): ControlCandidate[] {
    return this.all().flatMap(({ attempt, link, isAttached }) =>
      link !== undefined && isAttached ? [{ link, ...this.ladder.standing(now, attempt) }] : [],
    );
  }

  get stats(): LinkStats[] {
    return this.all().map((entry) => ({
      id: entry.id,
      rung: entry.rung,
      state: entry.isAttached ? (this.ladder.useOf(entry.attempt) ?? 'active') : 'opening',
      stripes: entry.link?.stripes ?? 0,
      snapshots: entry.snapshots,
      bytesIn: entry.link?.counters.bytesIn ?? 0,
      bytesOut: entry.link?.counters.bytesOut ?? 0,
    }));
  }

  /** What all links there were have carried, up to `now`. */
  traffic(now: number): Traffic {
    for (const entry of this.links.values()) {
      this.count(now, entry);
    }
    return this.carried;
  }

  private count(now: number, entry: SessionLink): void {
    this.carried.count(now, entry.takeCounts(), entry.attempt !== this.ladder.current);
  }
}
