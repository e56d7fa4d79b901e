/**
 * Whether a second link beside the present one is worth its bytes: while the present one starves,
 * and as long as the two together starve less. It decides that much and opens nothing. Times in
 * milliseconds; shares of recent time from 0 to 1.
 */

/** What is measured of a session at one moment. */
export interface LinkFigures {
  /** Share of the last seconds that the link which carries the game starved by itself. */
  readonly own: number;
  /** The same of all links together: what the player saw. */
  readonly together: number;
  /** Whether a second link brings snapshots now. */
  readonly hasSecond: boolean;
  /** Whether what is sent stands in a queue on the path: a second link would lengthen it. */
  readonly isCongested: boolean;
}

/**
 * So much starving is more than a second link's bytes are worth: two gaps of 250 ms in eight seconds.
 * Below it the gaps are mostly the path's own, and a second link has them as well.
 */
const ENTER_SHARE = 0.025;

/** Without any more starving for so long, the second one goes; later, where that was too soon. */
const SHORTEST_HOLD_MS = 8_000;
const LONGEST_HOLD_MS = 60_000;

/** Trouble again so soon after the end of the last one says that the end came too soon. */
const RELAPSE_MS = 60_000;

/** A second link has so long to show that it helps. */
const TRIAL_MS = 10_000;

/** It helps when it takes away at least this part of the starved time. */
const HELPFUL_PART = 0.25;

/** One that did not help is not asked for again for so long; doubled each time. */
const SHORTEST_REST_MS = 60_000;
const LONGEST_REST_MS = 300_000;

/** The rule's memory. */
export class SecondLink {
  private requested = false;
  private hold = SHORTEST_HOLD_MS;
  private rest = SHORTEST_REST_MS;
  private restUntil = Number.NEGATIVE_INFINITY;
  private calmSince = 0;
  private lastOwn = 0;
  private endedAt = Number.NEGATIVE_INFINITY;
  private triedSince: number | undefined;

  /** Whether a second link is to be used, by the last {@link update}. */
  get isRequested(): boolean {
    return this.requested;
  }

  /** Takes the figures of `now`. To be called often. */
  update(now: number, figures: LinkFigures): void {
    if (!this.requested) {
      if (figures.own >= ENTER_SHARE && now >= this.restUntil && !figures.isCongested) {
        this.begin(now);
      }
      return;
    }
    if (figures.own > this.lastOwn) {
      this.calmSince = now;
    }
    this.lastOwn = figures.own;
    this.triedSince = figures.hasSecond ? (this.triedSince ?? now) : undefined;
    if (now - this.calmSince >= this.hold) {
      this.rest = SHORTEST_REST_MS;
      this.end(now);
    } else if (this.isUseless(now, figures)) {
      this.restUntil = now + this.rest;
      this.rest = Math.min(LONGEST_REST_MS, 2 * this.rest);
      this.end(now);
    }
  }

  /** Circumstances have changed: what did not help may help now. */
  forgive(): void {
    this.restUntil = Number.NEGATIVE_INFINITY;
    this.rest = SHORTEST_REST_MS;
  }

  private begin(now: number): void {
    const isRelapse = now - this.endedAt < RELAPSE_MS;
    this.hold = isRelapse ? Math.min(LONGEST_HOLD_MS, 2 * this.hold) : SHORTEST_HOLD_MS;
    this.requested = true;
    this.calmSince = now;
    this.lastOwn = 1;
    this.triedSince = undefined;
  }

  private end(now: number): void {
    this.requested = false;
    this.endedAt = now;
  }

  private isUseless(now: number, { own, together }: LinkFigures): boolean {
    const isTried = this.triedSince !== undefined && now - this.triedSince >= TRIAL_MS;
    return isTried && own >= ENTER_SHARE && together > own * (1 - HELPFUL_PART);
  }
}
