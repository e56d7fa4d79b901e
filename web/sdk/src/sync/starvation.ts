/**
 * Time without fresh news: of a session for the statistics, of one link for the ladder. It counts;
 * what follows from it is decided elsewhere. Times in milliseconds.
 */

import { RecentTime } from './recent-time.ts';

/** A gap between snapshots counts as starved from here on, in milliseconds. */
const STARVED_MS = 150;

/** Starved time. Pauses don't count. */
export class Starvation {
  private last = Number.NaN;
  private isPaused = false;
  private total = 0;
  private starved = 0;
  private readonly recent: RecentTime;

  /** `seconds` that the recent share looks back on. */
  constructor(seconds = 4) {
    this.recent = new RecentTime(seconds);
  }

  /** A snapshot newer than all before has come in. */
  onSnapshot(now: number): void {
    if (this.isPaused) {
      return;
    }
    if (!Number.isNaN(this.last)) {
      this.account(now, Math.max(0, now - this.last));
    }
    this.last = now;
  }

  /** Nothing counts until {@link resume}. */
  pause(): void {
    this.isPaused = true;
    this.last = Number.NaN;
  }

  /** Counts on from `now`, as if a snapshot had come. */
  resume(now: number): void {
    this.isPaused = false;
    this.last = now;
  }

  /** The page itself stood still for so long up to now; that doesn't count. */
  excuse(stood: number): void {
    this.last += stood;
  }

  /** How long the newest snapshot has been here; 0 before the first and in a pause. */
  silence(now: number): number {
    return Number.isNaN(this.last) ? 0 : Math.max(0, now - this.last);
  }

  /** Share of all the time, 0 to 1. */
  share(now: number): number {
    const open = this.silence(now);
    const total = this.total + open;
    return total === 0 ? 0 : (this.starved + Math.max(0, open - STARVED_MS)) / total;
  }

  /** Share of about the last seconds, 0 to 1. */
  recentShare(now: number): number {
    return this.recent.share(now, Math.max(0, this.silence(now) - STARVED_MS));
  }

  private account(now: number, gap: number): void {
    const starved = Math.max(0, gap - STARVED_MS);
    this.total += gap;
    this.starved += starved;
    this.recent.add(now, starved);
  }
}
