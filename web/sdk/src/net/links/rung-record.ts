/** How a rung has fared in one session, and when it may be tried again. */

import { backOff, type Priority } from './priority.ts';

/** One rung's record. Times in milliseconds. */
export class RungRecord {
  /** Spreads the return of many clients after a server's restart. */
  private static readonly SPREAD_MS = 200;

  /** A rung that did not win the game back is left alone for so long; doubled each time. */
  private static readonly REST_MS = 30_000;
  private static readonly LONGEST_REST_MS = 300_000;

  /** A rung that has lost the game must prove itself for so long before it takes over again. */
  private static readonly PROOF_MS = 2_000;
  private static readonly LONGEST_PROOF_MS = 30_000;

  private readonly jitter: number;
  private repeated = 0;
  private failures = 0;
  private since = Number.NEGATIVE_INFINITY;
  private restUntil = Number.NEGATIVE_INFINITY;
  private rests = 0;
  private lost = 0;

  /** `jitter`: from 0 up to 1, this client's own. */
  constructor(jitter: number) {
    this.jitter = jitter;
  }

  /** Connects that were made anew since the last snapshot. */
  get repeats(): number {
    return this.repeated;
  }

  /** How long its link must be good before it takes the game over. */
  get proof(): number {
    return this.lost === 0
      ? 0
      : Math.min(RungRecord.LONGEST_PROOF_MS, RungRecord.PROOF_MS * 2 ** (this.lost - 1));
  }

  /** Whether its last attempt brought nothing. */
  get hasFailed(): boolean {
    return this.failures > 0;
  }

  /** Whether the back-off is over. */
  mayTry(now: number, priority: Priority): boolean {
    const isRested = priority !== 'climb' || now >= this.restUntil;
    return isRested && now >= this.since + backOff(priority, this.failures, this.jitter);
  }

  succeeded(): void {
    this.failures = 0;
    this.repeated = 0;
  }

  failed(now: number): void {
    this.failures += 1;
    this.since = now;
  }

  /** A connect is given up for a fresh one. */
  repeat(): void {
    this.repeated += 1;
  }

  /** A link that had worked is gone; the rung may well be fine. */
  ended(now: number): void {
    this.since = now + this.jitter * RungRecord.SPREAD_MS;
  }

  /** It carried the game and went silent, or starved. */
  lostGame(): void {
    this.lost += 1;
  }

  /** Its link brought snapshots for long, and yet not well enough to take over. */
  rest(now: number): void {
    this.restUntil =
      now + Math.min(RungRecord.LONGEST_REST_MS, RungRecord.REST_MS * 2 ** this.rests);
    this.rests += 1;
  }

  /** It has been good for long: its setbacks are forgotten. */
  absolve(): void {
    this.lost = 0;
    this.rests = 0;
  }

  /** It may be tried from `time` on: circumstances have changed. */
  retryAt(time: number): void {
    this.since = time;
    this.failures = 0;
    this.restUntil = Number.NEGATIVE_INFINITY;
  }
}
