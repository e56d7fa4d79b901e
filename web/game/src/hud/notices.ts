/**
 * What must be said over the pond: the link's trouble, the ring's danger, the countdown, and whom
 * one watches. One thing at a time in each place.
 */

import type { Status } from '@battle-circles/sdk';
import type { Room } from '../model/room.ts';
import { element, setText } from './dom.ts';
import { ordinal, secondsLeft } from './format.ts';
import { RECONNECTING, type Verdict } from './verdict.ts';

/** A number in the banner changes at most this often, in milliseconds: it is read out, too. */
const STEADY_MS = 3_000;

const OUTSIDE = 'Outside the ring you wither. Swim back in!';
const DRAINING = 'The server restarts after this match. You will be back in a moment then.';

/** The clock jumps when the last player's circle is gone: the game is cut short. */
export const HURRIED = 'Only bots are left, so this game ends early.';

/** What there is to say beside the link. */
export interface Dangers {
  readonly isOutside: boolean;
  /** The server ends with this match. */
  readonly isDraining: boolean;
  /** The game's end was moved up. */
  readonly isHurried: boolean;
  /** Told in passing; empty where there is nothing. */
  readonly note: string;
}

/** The bar below the clock: the link first, then the ring, the end of the server and a note. */
export class Banner {
  readonly root = element('div', 'banner');
  private kind = '';
  private saidAt = 0;

  constructor() {
    this.root.setAttribute('role', 'status');
    this.root.hidden = true;
  }

  update(status: Status, verdict: Verdict, dangers: Dangers, now: number): void {
    const { isOutside } = dangers;
    const link = linkTrouble(status, verdict);
    const text = link ?? dangerText(dangers);
    const said = `${verdict.level} ${status.quality} ${status.returning ?? ''}`;
    const kind = link === undefined ? text : said;
    if (kind === this.kind && now - this.saidAt < STEADY_MS) {
      return;
    }
    this.kind = kind;
    this.saidAt = now;
    this.root.hidden = text === '';
    this.root.classList.toggle('is-danger', link === undefined && isOutside);
    this.root.classList.toggle('is-waiting', verdict.level === 'gone');
    setText(this.root, text);
  }
}

/** What is most urgent beside the link. */
export function dangerText({ isOutside, isDraining, isHurried, note }: Dangers): string {
  if (isOutside) {
    return OUTSIDE;
  }
  return isDraining ? DRAINING : isHurried ? HURRIED : note;
}

/** The honest word about a link or a device that spoils the game; nothing about what doesn't. */
export function linkTrouble(status: Status, verdict: Verdict): string | undefined {
  if (status.returning !== undefined) {
    return verdict.text;
  }
  if (verdict.level === 'gone' && status.state === 'reconnecting') {
    return `Connection lost. ${RECONNECTING}`;
  }
  if (status.quality === 'busy' && verdict.level !== 'bad') {
    return verdict.text;
  }
  return verdict.level === 'bad' ? `Bad connection. ${verdict.text}` : undefined;
}

/** The large number before the start. */
export class Countdown {
  readonly root = element('div', 'countdown');
  private readonly number = element('div', 'countdown-number');
  private readonly text = element('div', 'countdown-text');
  private shown = '';

  constructor() {
    this.root.hidden = true;
    this.root.append(this.number, this.text);
  }

  update(room: Room, tick: number, tickRate: number): void {
    const phase = room.phase;
    const isWaiting = room.isKnown && phase.phase === 'lobby';
    const left = secondsLeft(phase.ends - tick, tickRate);
    const hasJustBegun = phase.phase === 'playing' && tick - phase.started < tickRate * 0.8;
    const isShown = isWaiting || phase.phase === 'countdown' || hasJustBegun;
    this.root.hidden = !isShown;
    if (!isShown) {
      return;
    }
    const number = isWaiting ? '' : hasJustBegun ? 'Go' : String(Math.max(1, left));
    if (number !== this.shown) {
      this.shown = number;
      this.number.textContent = number;
      this.number.classList.remove('is-popping');
      // Reading a measure makes the browser notice that the class was gone.
      void this.number.offsetWidth;
      this.number.classList.add('is-popping');
    }
    setText(
      this.text,
      isWaiting ? 'The next game begins in a moment' : hasJustBegun ? '' : 'Get ready',
    );
  }
}

/** Whom one watches, and how one's own game ended. */
export class WatchBanner {
  readonly root = element('div', 'panel watch');
  private readonly fate = element('div', 'watch-fate');
  private readonly watched = element('div', 'watch-name');
  /** The last game in which the player had a circle. */
  private livedIn: number | undefined;

  constructor() {
    this.root.hidden = true;
    this.root.setAttribute('role', 'status');
    this.root.append(this.watched, this.fate);
  }

  update(room: Room, focus: number, hasCircle: boolean): void {
    if (hasCircle) {
      this.livedIn = room.phase.game;
    }
    this.root.hidden = room.role(hasCircle) !== 'spectating';
    if (this.root.hidden) {
      return;
    }
    const name = focus === room.ownSeat ? '' : room.nameOf(focus);
    setText(this.watched, name === '' ? 'Watching the pond' : `Watching ${name}`);
    // The circle may be gone before the event that says how.
    const isUntold = room.eatenBy === undefined && this.livedIn === room.phase.game;
    setText(this.fate, isUntold ? '' : fateText(room));
  }
}

/** How the player's own game ended, in one sentence. */
export function fateText(room: Room): string {
  if (room.eatenBy === undefined) {
    return 'You join in with the next game.';
  }
  const place = room.ownPlace === undefined ? '' : ` You came ${ordinal(room.ownPlace)}.`;
  return room.eatenBy === 'boundary'
    ? `You withered outside the ring.${place}`
    : `${room.nameOf(room.eatenBy)} ate you.${place}`;
}
