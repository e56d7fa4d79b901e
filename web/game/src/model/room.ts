/**
 * What the player knows of the room: who is here, which phase runs, who leads, who was eaten. It is
 * fed with events in order and draws nothing.
 */

import type { GameEvent, PhaseEvent, ResultRow, RosterEntry, Standing } from './events.ts';
import { KillFeed } from './kill-feed.ts';

/** Where the player stands in the game. */
export type Role = 'waiting' | 'alive' | 'spectating';

const NO_PHASE: PhaseEvent = {
  kind: 'phase',
  phase: 'lobby',
  game: 0,
  started: 0,
  ends: 0,
  boundary: [],
  respawnsUntil: 0,
};

/** The room as of the newest event taken. */
export class Room {
  ownSeat = 0;
  phase: PhaseEvent = NO_PHASE;
  /** Whether the session's first phase has come. Until then the room is as the last session left it. */
  isKnown = false;
  roster: readonly RosterEntry[] = [];
  /** Masses of the living, largest first. */
  standings: readonly Standing[] = [];
  results: readonly ResultRow[] = [];
  /** Who ate the player in this game; the seat, or 'boundary', or nothing while it lives. */
  eatenBy: number | 'boundary' | undefined;
  /** Place the player came in, once it is eaten. */
  ownPlace: number | undefined;
  /** Whether the player has asked for the rematch. */
  isReady = false;
  /** Whether the player has asked to come back after its death. */
  isRespawning = false;
  /** Whether this game's end was moved up, since no player is left in it. */
  isHurried = false;
  /** Whether the server ends with this match. */
  isDraining = false;
  readonly kills = new KillFeed();
  /** Grows with each change, so that who shows the room need not compare it. */
  version = 0;
  /** A new session's events before its first phase. */
  private early: GameEvent[] = [];

  /** Begins anew, for a new session; what is there stays until its first phase comes. */
  reset(ownSeat: number): void {
    this.ownSeat = ownSeat;
    this.isKnown = false;
    this.early = [];
    this.isDraining = false;
    this.version += 1;
  }

  /** Forgets everything, as one who has not come in yet. */
  clear(): void {
    this.reset(0);
    this.empty();
  }

  /** Takes one event; `now` in milliseconds is for the kill feed's fading. */
  apply(event: GameEvent, now: number): void {
    if (this.isKnown) {
      this.take(event, now);
    } else if (event.kind !== 'phase') {
      this.early.push(event);
    } else {
      const { early } = this;
      this.early = [];
      this.isKnown = true;
      this.empty();
      for (const earlier of [...early, event]) {
        this.take(earlier, now);
      }
    }
  }

  /** The name of who sits there; a blank when nobody does. */
  nameOf(seat: number): string {
    return this.entry(seat)?.name ?? '';
  }

  entry(seat: number): RosterEntry | undefined {
    return this.roster.find((entry) => entry.seat === seat);
  }

  /** The player's role, given whether a circle of its own is in the picture. */
  role(hasCircle: boolean): Role {
    if (hasCircle) {
      return 'alive';
    }
    return this.phase.phase === 'playing' ? 'spectating' : 'waiting';
  }

  /** Whether the player has a place in the match and no circle, as the server has it. */
  isOwnDead(): boolean {
    return this.phase.phase === 'playing' && this.entry(this.ownSeat)?.isAlive === false;
  }

  /** Of the living others, who comes so many steps after `seat` by number; nobody when nobody lives. */
  livingAfter(seat: number, step: 1 | -1): number | undefined {
    const living = this.roster
      .filter((entry) => entry.isAlive && entry.seat !== this.ownSeat)
      .map((entry) => entry.seat)
      .sort((a, b) => (a - b) * step);
    return living.find((other) => (other - seat) * step > 0) ?? living[0];
  }

  private take(event: GameEvent, now: number): void {
    this.version += 1;
    switch (event.kind) {
      case 'roster':
        this.roster = event.entries;
        if (this.entry(this.ownSeat)?.isAlive === true) {
          this.live();
        }
        break;
      case 'phase':
        this.changePhase(event);
        break;
      case 'eaten':
        this.kills.add(event.victim, event.eater, now);
        this.standings = this.standings.filter(({ seat }) => seat !== event.victim);
        if (event.victim === this.ownSeat) {
          this.eatenBy = event.eater ?? 'boundary';
          this.ownPlace = this.standings.length + 1;
        }
        break;
      case 'standings':
        this.standings = event.standings;
        break;
      case 'results':
        this.takeResults(event.rows);
        break;
    }
  }

  private empty(): void {
    this.phase = NO_PHASE;
    this.roster = [];
    this.results = [];
    this.beginGame();
  }

  private changePhase(event: PhaseEvent): void {
    if (event.phase === 'countdown' || event.phase === 'lobby') {
      this.beginGame();
    }
    const { phase, game, ends } = this.phase;
    const isSameGame = phase === 'playing' && event.phase === 'playing' && game === event.game;
    this.isHurried ||= isSameGame && event.ends < ends;
    this.phase = event;
  }

  private live(): void {
    this.eatenBy = undefined;
    this.ownPlace = undefined;
    this.isRespawning = false;
  }

  /** The server leaves out who has gone meanwhile; places are counted anew, so that none is missing. */
  private takeResults(rows: readonly ResultRow[]): void {
    const ordered = rows.toSorted((a, b) => a.place - b.place);
    this.results = ordered.map((row, index) => ({ ...row, place: index + 1 }));
  }

  private beginGame(): void {
    this.standings = [];
    this.kills.clear();
    this.live();
    this.isReady = false;
    this.isHurried = false;
    this.version += 1;
  }
}
