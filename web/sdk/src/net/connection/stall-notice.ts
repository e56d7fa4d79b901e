/**
 * Tells the server of the page's own standstills, so that it blames no path for them: when it is
 * time to, and for how long to say. It sends nothing. Times in milliseconds.
 */

/** At most one notice in so long. */
const PERIOD_MS = 250;

/** What the page does while it starts up is not told: the server judges nothing so soon. */
const STARTING_MS = 1_000;

/** The most that a notice can say. */
const MOST_MS = 65_535;

/** What there is to tell. */
export class StallNotice {
  private readonly startedAt: number;
  private since: number | undefined;
  private lastSentAt = Number.NEGATIVE_INFINITY;

  constructor(now: number) {
    this.startedAt = now;
  }

  /** The page stood still for so long up to `now`. */
  stood(now: number, milliseconds: number): void {
    this.since ??= now - milliseconds;
  }

  /** How long ago the first standstill began that was not told yet, if it is time to tell it. */
  take(now: number): number | undefined {
    const { since } = this;
    if (since === undefined || now - this.lastSentAt < PERIOD_MS) {
      return undefined;
    }
    this.since = undefined;
    if (now - this.startedAt < STARTING_MS) {
      return undefined;
    }
    this.lastSentAt = now;
    return Math.min(MOST_MS, Math.ceil(now - since));
  }
}
