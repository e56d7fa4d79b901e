/**
 * Which rungs to open, which one to play on, and what to close: play on the first, settle on the
 * best. A pure state machine; it opens nothing itself and takes time and dice as arguments.
 * Attempts are told to it as they open, bring snapshots and close; `poll` gives what is to be done.
 */

import type { LinkUse } from '../protocol/control.ts';
import { RUNGS, type RungKind } from '../rung.ts';
import { Attempt, RungRecord } from './ladder-records.ts';

/** What the ladder wants done. */
export type LadderCommand =
  | { readonly kind: 'open'; readonly attempt: number; readonly rung: RungKind }
  | { readonly kind: 'use'; readonly attempt: number; readonly use: LinkUse }
  | { readonly kind: 'close'; readonly attempt: number; readonly why: string }
  /** The game is carried by another link from now on, or by none. */
  | { readonly kind: 'move'; readonly attempt: number | undefined; readonly why: string };

/** What a ladder is made for. */
export interface LadderOptions {
  /** The rungs that browser and server both have; with one only, that one is forced. */
  readonly rungs: readonly RungKind[];
  /** The rung that won here lately. */
  readonly hint?: RungKind | undefined;
  readonly random: () => number;
}

/** The server holds no more links of one session. */
const MAX_LINKS = 4;
/** A link without a snapshot for so long, or for eight intervals if that is more, is stalled. */
const SHORTEST_STALL_MS = 400;
/** An attempt that brought no snapshot after so long has failed. */
const DEADLINE_MS = 8_000;
/** WebRTC, slow to open and heavy, starts when WebTransport has brought nothing after so long. */
const PATIENCE_MS = 700;
/** The lower links are closed when the current one has been good for so long. */
const GOOD_MS = 3_000;
/** After so long without a snapshot even a fresh link on the same rung is tried. */
const REFRESH_MS = 1_500;
/** A rung that has lost the game must prove itself for so long before it takes over again. */
const PROOF_MS = 2_000;
const LONGEST_PROOF_MS = 30_000;

/** The ladder of one session. */
export class Ladder {
  private readonly options: LadderOptions;
  private stallMs = SHORTEST_STALL_MS;
  private readonly records = new Map<RungKind, RungRecord>();
  private readonly attempts = new Map<number, Attempt>();
  private commands: LadderCommand[] = [];
  private currentId: number | undefined;
  private currentSince = 0;
  private raceSince = 0;
  private troubleAt = Number.NEGATIVE_INFINITY;
  private resumedAt = Number.NEGATIVE_INFINITY;
  private isPaused = false;
  private nextId = 1;

  constructor(now: number, options: LadderOptions) {
    this.options = options;
    this.raceSince = now;
    this.offer(options.rungs);
  }

  /** Time between two snapshots, in milliseconds; eight of them without any are a stall. */
  setInterval(interval: number): void {
    this.stallMs = Math.max(SHORTEST_STALL_MS, 8 * interval);
  }

  /** The rungs that may be used from now on, those from before included. */
  offer(rungs: readonly RungKind[]): void {
    for (const rung of rungs) {
      if (!this.records.has(rung)) {
        this.records.set(rung, new RungRecord(this.options.random()));
      }
    }
  }

  /** The attempt that carries the game, if any does. */
  get current(): number | undefined {
    return this.currentId;
  }

  /** How an attempt's link is used; nothing for one that is gone. */
  useOf(attempt: number): LinkUse | undefined {
    return this.attempts.get(attempt)?.use;
  }

  /** What is to be done at `now`, in order. To be called after each event, and often. */
  poll(now: number): LadderCommand[] {
    this.expire(now);
    this.watch(now);
    this.openWanted(now);
    this.settle(now);
    const commands = this.commands;
    this.commands = [];
    return commands;
  }

  onAttached(id: number): void {
    this.attempts.get(id)?.attach();
  }

  /** A snapshot came in on this link, new or not. */
  onSnapshot(now: number, id: number): void {
    const attempt = this.attempts.get(id);
    if (attempt === undefined) {
      return;
    }
    attempt.snapshot(now, this.stallMs);
    this.records.get(attempt.rung)?.succeeded();
    if (id !== this.currentId) {
      this.considerMove(now, attempt);
    }
  }

  /** A link has closed by itself. `isStale`: its number was refused, a fresh one may do at once. */
  onClosed(now: number, id: number, why: string, isStale = false): void {
    const attempt = this.attempts.get(id);
    if (attempt === undefined) {
      return;
    }
    this.attempts.delete(id);
    const record = this.records.get(attempt.rung);
    if (isStale) {
      record?.retryAt(now);
    } else if (attempt.hadSnapshot) {
      record?.ended(now);
    } else {
      record?.failed(now);
    }
    if (id === this.currentId) {
      record?.lostGame();
      this.lose(now, why);
    }
  }

  /** Much is lost or late: a second link may help. To be said again while it lasts. */
  onTrouble(now: number): void {
    this.troubleAt = now;
  }

  /** The device may be on another network: try everything again at once. */
  onNetworkChange(now: number): void {
    this.troubleAt = now;
    for (const record of this.records.values()) {
      record.forgive(now);
    }
  }

  /** While paused no snapshots are expected: the page is hidden. */
  pause(): void {
    this.isPaused = true;
  }

  resume(now: number): void {
    this.isPaused = false;
    this.resumedAt = now;
    for (const record of this.records.values()) {
      record.forgive(now);
    }
  }

  /**
   * The page itself stood still for so long up to now: no link could show that it works, and none
   * is to blame.
   */
  excuse(stood: number): void {
    this.raceSince += stood;
    for (const attempt of this.attempts.values()) {
      attempt.excuse(stood);
    }
  }

  /** The offer for this rung has changed: what is open on it leads to the wrong place. */
  reopen(now: number, rung: RungKind): void {
    for (const attempt of [...this.attempts.values()]) {
      if (attempt.rung === rung) {
        this.close(attempt, 'offer changed');
        this.records.get(rung)?.retryAt(now);
      }
    }
  }

  private expire(now: number): void {
    if (this.isPaused) {
      return;
    }
    for (const attempt of [...this.attempts.values()]) {
      const since = Math.max(attempt.expectedSince, this.resumedAt);
      const expects = attempt.use === 'active' && attempt.id !== this.currentId;
      if (expects && now - since > DEADLINE_MS) {
        this.close(attempt, 'no snapshot in time');
        this.records.get(attempt.rung)?.failed(now);
      }
    }
  }

  /** Notes trouble while the current link is silent, and gives it up when it stays so. */
  private watch(now: number): void {
    const current = this.currentAttempt();
    if (current === undefined || this.isPaused) {
      return;
    }
    const silence = this.silence(now, current);
    if (silence > this.stallMs) {
      this.troubleAt = now;
    }
    if (silence > DEADLINE_MS) {
      this.close(current, 'silent');
      this.records.get(current.rung)?.failed(now);
      this.lose(now, 'silent');
    } else if (now - Math.max(this.currentSince, this.troubleAt) > 20 * GOOD_MS) {
      this.records.get(current.rung)?.absolve();
    }
  }

  private openWanted(now: number): void {
    if (this.isPaused && this.attempts.size > 0) {
      return;
    }
    const current = this.currentAttempt();
    const isHealthy = current !== undefined && this.silence(now, current) <= this.stallMs;
    for (const rung of RUNGS) {
      const record = this.records.get(rung);
      const mayOpen = this.attempts.size < MAX_LINKS && record?.mayTry(now, isHealthy) === true;
      if (mayOpen && this.wants(now, rung, current)) {
        this.open(now, rung);
      }
    }
  }

  private wants(now: number, rung: RungKind, current: Attempt | undefined): boolean {
    const live = [...this.attempts.values()].filter((attempt) => attempt.rung === rung);
    const isMute = live.every((attempt) => attempt.hadSnapshot && this.isMute(now, attempt));
    if (live.length > 1 || !isMute || (rung === 'webrtc' && !this.needsWebRtc(now))) {
      return false;
    }
    return current === undefined || !isBetter(current.rung, rung) || this.isTroubled(now);
  }

  /** Whether WebTransport is missing, has failed, or has had its time. */
  private needsWebRtc(now: number): boolean {
    const best = this.records.get('webtransport');
    if (best === undefined || best.hasFailed || this.options.hint === 'webrtc') {
      return true;
    }
    const rivals = [...this.attempts.values()].filter(({ rung }) => rung === 'webtransport');
    const proven = rivals.filter(({ hadSnapshot }) => hadSnapshot);
    return proven.length > 0
      ? proven.every((rival) => this.isMute(now, rival))
      : now - this.raceSince > PATIENCE_MS;
  }

  private considerMove(now: number, attempt: Attempt): void {
    const current = this.currentAttempt();
    if (current === undefined) {
      this.move(now, attempt, 'first snapshot');
    } else if (this.silence(now, current) > this.stallMs) {
      this.records.get(current.rung)?.lostGame();
      this.move(now, attempt, `${current.rung} is silent`);
    } else if (
      isBetter(attempt.rung, current.rung) &&
      this.isProven(now, attempt) &&
      !this.isOutdone(now, attempt)
    ) {
      this.move(now, attempt, 'better rung');
    }
  }

  /** Whether a still better rung brings snapshots and is about to take over. */
  private isOutdone(now: number, attempt: Attempt): boolean {
    return [...this.attempts.values()].some(
      (other) =>
        isBetter(other.rung, attempt.rung) &&
        other.hadSnapshot &&
        this.silence(now, other) <= this.stallMs,
    );
  }

  private isProven(now: number, attempt: Attempt): boolean {
    const setbacks = this.records.get(attempt.rung)?.setbacks ?? 0;
    const proof = setbacks === 0 ? 0 : Math.min(LONGEST_PROOF_MS, PROOF_MS * 2 ** (setbacks - 1));
    return now - attempt.goodSince >= proof;
  }

  private move(now: number, attempt: Attempt, why: string): void {
    this.currentId = attempt.id;
    this.currentSince = now;
    this.commands.push({ kind: 'move', attempt: attempt.id, why });
  }

  /** The current link is gone: go on with the best that brings snapshots, or race again. */
  private lose(now: number, why: string): void {
    this.currentId = undefined;
    this.troubleAt = now;
    const alive = [...this.attempts.values()]
      .filter((attempt) => attempt.hadSnapshot && this.silence(now, attempt) <= this.stallMs)
      .sort((a, b) => rank(a.rung) - rank(b.rung))[0];
    if (alive === undefined) {
      this.raceSince = now;
      this.commands.push({ kind: 'move', attempt: undefined, why });
    } else {
      this.move(now, alive, why);
    }
  }

  /** Sets each link's use, and closes what lost the race. */
  private settle(now: number): void {
    const current = this.currentAttempt();
    const goodFor = now - Math.max(this.currentSince, this.troubleAt);
    for (const attempt of [...this.attempts.values()]) {
      const isRival = current === undefined || isBetter(attempt.rung, current.rung);
      const isLoser = attempt !== current && !isRival;
      if (isLoser && goodFor >= GOOD_MS && !this.isPaused) {
        this.close(attempt, 'not needed any more');
      } else if (attempt.isAttached) {
        this.setUse(now, attempt, isLoser && !this.isTroubled(now) ? 'standby' : 'active');
      }
    }
  }

  private setUse(now: number, attempt: Attempt, use: LinkUse): void {
    if (attempt.use !== use) {
      attempt.setUse(now, use);
      this.commands.push({ kind: 'use', attempt: attempt.id, use });
    }
  }

  private open(now: number, rung: RungKind): void {
    const id = this.nextId;
    this.nextId += 1;
    this.attempts.set(id, new Attempt(id, rung, now));
    this.commands.push({ kind: 'open', attempt: id, rung });
  }

  private close(attempt: Attempt, why: string): void {
    this.attempts.delete(attempt.id);
    this.commands.push({ kind: 'close', attempt: attempt.id, why });
  }

  private currentAttempt(): Attempt | undefined {
    return this.currentId === undefined ? undefined : this.attempts.get(this.currentId);
  }

  private isTroubled(now: number): boolean {
    return now - this.troubleAt < GOOD_MS;
  }

  /** Whether a link that should bring snapshots has not for so long that a fresh one may do better. */
  private isMute(now: number, attempt: Attempt): boolean {
    return attempt.use === 'active' && this.silence(now, attempt) > REFRESH_MS;
  }

  /** How long a link has brought no snapshot although it should. */
  private silence(now: number, attempt: Attempt): number {
    return this.isPaused ? 0 : now - Math.max(attempt.expectedSince, this.resumedAt);
  }
}

function rank(rung: RungKind): number {
  return RUNGS.indexOf(rung);
}

function isBetter(rung: RungKind, than: RungKind): boolean {
  return rank(rung) < rank(than);
}
