/** When a connection counts as playing, bad or gone. It only judges; others act on it. */

import type { Returning, Status } from './events.ts';
import type { RungKind } from './rung.ts';

/** Silent for so long, in milliseconds, the game is no longer played. */
const GONE_MS = 1_000;
/** From this share of recent time without news on, the player should know; and till this one. */
const BAD_SHARE = 0.06;
const GOOD_SHARE = 0.02;
/** The same for the share of time in which the page itself stood still. */
const BUSY_SHARE = 0.3;
const FREE_SHARE = 0.15;

/** How things are with a connection. */
export interface LinkSigns {
  /** The rung that carries the game. */
  readonly rung: RungKind | undefined;
  /** Whether any snapshot has come in this session. */
  readonly hasPlayed: boolean;
  /** For how long none has, in milliseconds. */
  readonly silence: number;
  /** The recent share of time without news. */
  readonly starved: number;
  /** The recent share of time in which the page itself stood still. */
  readonly stood: number;
  /** Whether the session is at fault although its links are fine. */
  readonly isFaulty: boolean;
  /** Set while the session is over and another is fetched. */
  readonly returning: Returning | undefined;
}

/** Keeps the status, and whether it has changed. */
export class StatusRule {
  private current: Status = { state: 'idle', rung: undefined, quality: 'good' };
  private hasChanged = false;

  get status(): Status {
    return this.current;
  }

  /** Whether the status has changed since this was last asked. */
  takeChange(): boolean {
    const changed = this.hasChanged;
    this.hasChanged = false;
    return changed;
  }

  connecting(): void {
    this.current = { state: 'connecting', rung: undefined, quality: 'good' };
  }

  close(): void {
    this.current = { ...this.current, state: 'closed', rung: undefined, returning: undefined };
  }

  update({ rung, hasPlayed, silence, starved, stood, isFaulty, returning }: LinkSigns): void {
    const { state, quality } = this.current;
    if (state === 'idle' || state === 'closed') {
      return;
    }
    const isSilent = silence > GONE_MS || rung === undefined || returning !== undefined;
    const isGone = hasPlayed ? isSilent : state !== 'connecting';
    const wasBad = quality === 'bad' || quality === 'gone';
    const isBad = isFaulty || starved > BAD_SHARE || (wasBad && starved > GOOD_SHARE);
    const isBusy = hasPlayed && (stood > BUSY_SHARE || (quality === 'busy' && stood > FREE_SHARE));
    this.set({
      state: isGone ? 'reconnecting' : hasPlayed ? 'playing' : 'connecting',
      rung,
      quality: isGone ? 'gone' : isBad ? 'bad' : isBusy ? 'busy' : 'good',
      returning,
    });
  }

  private set(next: Status): void {
    const { state, rung, quality, returning } = this.current;
    const isSame = next.state === state && next.rung === rung && next.quality === quality;
    if (!isSame || next.returning !== returning) {
      this.current = next;
      this.hasChanged = true;
    }
  }
}
