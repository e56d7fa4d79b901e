/**
 * The links and attempts of one session, and how silent each and all of them are. Blame is measured
 * here, once; what follows from it is the ladder's matter. Times in milliseconds.
 */

import { RUNGS, type RungKind } from '../../rung.ts';
import { Starvation } from '../../sync/starvation.ts';
import { Attempt, QUALITY_SECONDS } from './attempt.ts';
import { GapHistory, suspectAfter, uplinkSuspectAfter } from './gap-history.ts';

/** A link without a snapshot for so long, or for eight intervals if that is more, is stalled. */
const SHORTEST_STALL_MS = 400;

/** When all links were silent for so long, it was the path, and none of them is to blame. */
const OUTAGE_MS = 1_000;

/** What is usual on the way up is remembered for so long. */
const UPLINK_MEMORY_MS = 120_000;

/** Round trip of a path of which nothing is known yet. */
const USUAL_ROUND_TRIP_MS = 200;

/** The least time between two snapshots that links are judged by. */
const LEAST_INTERVAL_MS = 50;

/** The links of one session. */
export class LinkTable {
  private readonly attempts = new Map<number, Attempt>();
  private readonly starvation = new Starvation(QUALITY_SECONDS);
  private readonly gaps = new GapHistory();
  private readonly uplinkGaps = new GapHistory(UPLINK_MEMORY_MS);
  private uplinkSince: number | undefined;
  private pathBackAt = Number.NEGATIVE_INFINITY;
  private uplinkSilence = 0;
  private interval = LEAST_INTERVAL_MS;
  isCongested = false;
  private roundTripTime = USUAL_ROUND_TRIP_MS;
  private newestAt = Number.NEGATIVE_INFINITY;
  private resumedAt = Number.NEGATIVE_INFINITY;
  private paused = false;
  private nextId = 1;

  /** Time between two snapshots. */
  setInterval(interval: number): void {
    // A stream that stalls gets no more than twenty a second.
    this.interval = Math.max(LEAST_INTERVAL_MS, interval);
  }

  /** `isCongested`: whether what is sent stands in a queue, so that more would only stand in it, too. */
  setPath(roundTrip: number, isCongested: boolean): void {
    this.roundTripTime = roundTrip;
    this.isCongested = isCongested;
  }

  get roundTrip(): number {
    return this.roundTripTime;
  }

  /** The silence from which on a link is stalled. */
  get stallMs(): number {
    return Math.max(SHORTEST_STALL_MS, 8 * this.interval);
  }

  /** The silence from which on the link that carries the game is suspect. */
  suspectMs(now: number): number {
    return suspectAfter(this.interval, this.gaps.usual(now));
  }

  /** While paused no snapshots are expected. */
  get isPaused(): boolean {
    return this.paused;
  }

  get size(): number {
    return this.attempts.size;
  }

  /** Whether any link has ever brought a snapshot. */
  get hasPlayed(): boolean {
    return this.newestAt > Number.NEGATIVE_INFINITY;
  }

  all(): Attempt[] {
    return [...this.attempts.values()];
  }

  get(id: number | undefined): Attempt | undefined {
    return id === undefined ? undefined : this.attempts.get(id);
  }

  /** `connectTimeout`: how long the connect may take while nothing else brings snapshots. */
  open(now: number, rung: RungKind, connectTimeout: number): Attempt {
    const attempt = new Attempt(this.nextId, rung, now, connectTimeout);
    this.nextId += 1;
    this.attempts.set(attempt.id, attempt);
    return attempt;
  }

  remove(attempt: Attempt): void {
    this.attempts.delete(attempt.id);
  }

  /** A snapshot came in on this link; `isNews`: on no other before. */
  snapshot(now: number, attempt: Attempt, isNews: boolean, isCurrent: boolean): void {
    const outage = this.pathSilence(now);
    if (outage > OUTAGE_MS) {
      this.excuse(outage);
    }
    this.newestAt = now;
    const gap = attempt.snapshot(now, this.stallMs);
    if (isCurrent && gap > suspectAfter(this.interval, 0)) {
      this.gaps.push(now, gap);
    }
    if (isNews) {
      this.starvation.onSnapshot(now);
    }
  }

  /**
   * The server had heard nothing of us for so long when it sent the snapshot that has just come in.
   * Beyond what is usual, no link is heard that has been in use for as long. To be told before the
   * snapshot: where none came either it was the path, which gets the time to show that it is back.
   */
  uplink(now: number, silence: number): void {
    if (this.paused) {
      return;
    }
    this.uplinkSince ??= now;
    const suspect = uplinkSuspectAfter(this.uplinkGaps.usual(now), now - this.uplinkSince);
    if (this.pathSilence(now) > this.suspectMs(now)) {
      this.pathBackAt = now;
    }
    for (const attempt of this.attempts.values()) {
      const isInUse = attempt.isAttached && attempt.use === 'active';
      const since = Math.max(attempt.usedSince, this.pathBackAt);
      if (isInUse && Math.min(silence, now - since - this.roundTripTime) > suspect) {
        attempt.loseUplink(now);
      }
    }
    if (silence < this.uplinkSilence) {
      this.uplinkGaps.push(now, this.uplinkSilence);
    }
    this.uplinkSilence = silence;
  }

  /**
   * For how long the player has been cut off: nothing comes, or nothing gets through on the link
   * that carries the game.
   */
  cutOff(now: number, current: Attempt | undefined): number {
    return this.paused ? 0 : Math.max(this.pathSilence(now), current?.unheard(now) ?? 0);
  }

  /** How long a link has brought no snapshot although it should. */
  silence(now: number, attempt: Attempt): number {
    const since = Math.max(attempt.expectedSince, this.resumedAt);
    return this.paused ? 0 : Math.max(0, now - since);
  }

  /** How long none at all has come although one should; 0 before the first. */
  pathSilence(now: number): number {
    const since = Math.max(this.newestAt, this.resumedAt);
    return this.paused || !this.hasPlayed ? 0 : Math.max(0, now - since);
  }

  /** Whether a link brings snapshots. */
  isAlive(now: number, attempt: Attempt): boolean {
    const isUsed = attempt.hadSnapshot && attempt.use === 'active';
    return isUsed && this.silence(now, attempt) <= this.stallMs;
  }

  /** Whether a link that should bring snapshots fell silent well before all did. */
  isOutlived(attempt: Attempt): boolean {
    return attempt.use === 'active' && this.newestAt - attempt.lastSnapshotAt > this.stallMs;
  }

  /** The link that brings snapshots on the best rung, rather one that the server hears. */
  bestAlive(now: number): Attempt | undefined {
    const isUnheard = ({ uplinkLostAt }: Attempt) => Number(uplinkLostAt !== undefined);
    return this.all()
      .filter((attempt) => this.isAlive(now, attempt))
      .sort((a, b) => isUnheard(a) - isUnheard(b) || rank(a.rung) - rank(b.rung))[0];
  }

  /** Share of the last seconds that all links together starved, 0 to 1. */
  starved(now: number): number {
    return this.starvation.recentShare(now);
  }

  pause(): void {
    this.paused = true;
    this.starvation.pause();
    for (const attempt of this.attempts.values()) {
      attempt.rest();
    }
  }

  /** The first snapshot may come a round trip from now. */
  resume(now: number): void {
    this.paused = false;
    this.resumedAt = now + this.roundTripTime;
    if (this.hasPlayed) {
      this.starvation.resume(now);
    }
  }

  /** So much of the time up to now says nothing about any link. */
  excuse(stood: number): void {
    this.newestAt += stood;
    this.starvation.excuse(stood);
    for (const attempt of this.attempts.values()) {
      attempt.excuse(stood);
    }
  }
}

/** Whether a rung is preferred to another. */
export function isBetter(rung: RungKind, than: RungKind): boolean {
  return rank(rung) < rank(than);
}

function rank(rung: RungKind): number {
  return RUNGS.indexOf(rung);
}
