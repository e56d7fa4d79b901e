/** When a connection counts as playing, bad or gone. It only judges; others act on it. */

import type { Status } from './events.ts';
import type { RungKind } from './rung.ts';

/** Silent for so long, in milliseconds, the game is no longer played. */
const GONE_MS = 1_000;
/** From this share of recent time without news on, the player should know; and till this one. */
const BAD_SHARE = 0.06;
const GOOD_SHARE = 0.02;
/** The same for the share of time in which the page itself stood still. */
const BUSY_SHARE = 0.3;
const FREE_SHARE = 0.15;

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
    this.current = { ...this.current, state: 'closed' };
  }

  /**
   * Takes how things are: the rung that carries the game, whether any snapshot has come, for how
   * long none has, and the recent shares of time without news and of time in which the page itself
   * stood still.
   */
  update(
    rung: RungKind | undefined,
    hasPlayed: boolean,
    silence: number,
    starved: number,
    stood: number,
  ): void {
    const { state, quality } = this.current;
    if (state === 'idle' || state === 'closed') {
      return;
    }
    const isGone = hasPlayed
      ? silence > GONE_MS || rung === undefined
      : state === 'reconnecting' || state === 'playing';
    const wasBad = quality === 'bad' || quality === 'gone';
    const isBad = starved > BAD_SHARE || (wasBad && starved > GOOD_SHARE);
    const isBusy = hasPlayed && (stood > BUSY_SHARE || (quality === 'busy' && stood > FREE_SHARE));
    this.set({
      state: isGone ? 'reconnecting' : hasPlayed ? 'playing' : 'connecting',
      rung,
      quality: isGone ? 'gone' : isBad ? 'bad' : isBusy ? 'busy' : 'good',
    });
  }

  private set(next: Status): void {
    const { state, rung, quality } = this.current;
    if (next.state !== state || next.rung !== rung || next.quality !== quality) {
      this.current = next;
      this.hasChanged = true;
    }
  }
}
