/**
 * Which rungs to open, which one to play on, and what to close: play on the first, settle on the
 * best, and hold on to whatever may come back. A pure state machine; it opens nothing itself and
 * takes time and a random source as arguments. It hears of attempts as they open, bring snapshots
 * and close; `poll` gives what is to be done.
 */

import type { LinkUse } from '../../protocol/control.ts';
import type { RungKind } from '../../rung.ts';
import type { Attempt } from '../links/attempt.ts';
import { decide, type LinkDecision } from '../links/closing.ts';
import { connectTimeout } from '../links/connect-timeout.ts';
import { LinkTable } from '../links/link-table.ts';
import { dispensable, rungsToOpen } from '../links/opening.ts';
import type { Priority } from '../links/priority.ts';
import { promotion } from '../links/promotion.ts';
import { RungRecord } from '../links/rung-record.ts';
import { SecondLink } from '../links/second-link.ts';
import type { LadderCommand, LadderOptions } from './ladder-command.ts';

/** The server holds no more links of one session. */
const MAX_LINKS = 4;
/** After trouble a second link is used for so long at least. */
const TROUBLE_MS = 3_000;
/** A rung's setbacks are forgotten when it has been good for so long. */
const ABSOLUTION_MS = 60_000;
/** After so long without any snapshot, rungs that had failed are tried without their back-off. */
const OUTAGE_MS = 1_000;

/** The ladder of one session. */
export class Ladder {
  private readonly options: LadderOptions;
  private readonly table = new LinkTable();
  private readonly records = new Map<RungKind, RungRecord>();
  private readonly second = new SecondLink();
  private commands: LadderCommand[] = [];
  private currentId: number | undefined;
  private currentSince = 0;
  private raceSince = 0;
  /** Whether a WebTransport session that was up before the join may still bring the first snapshot. */
  private isWarm: boolean;
  private troubleAt = Number.NEGATIVE_INFINITY;

  constructor(now: number, options: LadderOptions) {
    this.options = options;
    this.raceSince = now;
    this.isWarm = options.isWarm === true;
    this.offer(options.rungs);
  }

  /** Time between two snapshots, in milliseconds. */
  setInterval(interval: number): void {
    this.table.setInterval(interval);
  }

  /** The round trip in milliseconds, as the last snapshots told it. */
  setPath(roundTrip: number, isCongested: boolean): void {
    this.table.setPath(roundTrip, isCongested);
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
  useOf(id: number): LinkUse | undefined {
    return this.table.get(id)?.use;
  }

  /** Whether a link carries the game, and whether it brings snapshots and is heard. */
  standing(now: number, id: number): { isCurrent: boolean; isAlive: boolean } {
    const attempt = this.table.get(id);
    return {
      isCurrent: id === this.currentId,
      isAlive:
        attempt !== undefined &&
        attempt.uplinkLostAt === undefined &&
        this.table.isAlive(now, attempt),
    };
  }

  /** What is to be done at `now`, in order. To be called after each event, and often. */
  poll(now: number): LadderCommand[] {
    this.watch(now);
    this.settle(now);
    this.openRungs(now);
    const commands = this.commands;
    this.commands = [];
    return commands;
  }

  /** The server has answered a step of a link's set-up: it works on it, however slowly. */
  onAnswered(now: number, id: number): void {
    this.table.get(id)?.answer(now);
  }

  onAttached(id: number): void {
    this.table.get(id)?.attach();
  }

  /** A snapshot came in on this link. `isNews`: it came on no other before. */
  onSnapshot(now: number, id: number, isNews: boolean): void {
    const attempt = this.table.get(id);
    if (attempt === undefined) {
      return;
    }
    const isFirst = !attempt.hadSnapshot;
    this.table.snapshot(now, attempt, isNews, id === this.currentId);
    this.records.get(attempt.rung)?.succeeded();
    if (id !== this.currentId) {
      this.considerMove(now, attempt, isFirst);
    }
  }

  /**
   * The newest snapshot says for how long the server had heard nothing of us when it sent it. To be
   * told before the snapshot itself.
   */
  onUplink(now: number, silence: number): void {
    this.table.uplink(now, silence);
  }

  /** Something is known to have got through to the server on this very link. */
  onHeard(now: number, id: number): void {
    this.table.get(id)?.proveUplink(now);
  }

  /** Whether the server does not hear a link, as far as is known: it is to be asked on it. */
  isUnheard(id: number): boolean {
    return this.table.get(id)?.uplinkLostAt !== undefined;
  }

  /** A link has closed by itself. `isStale`: its number was refused, a fresh one may do at once. */
  onClosed(now: number, id: number, why: string, isStale = false): void {
    const attempt = this.table.get(id);
    if (attempt === undefined) {
      return;
    }
    this.table.remove(attempt);
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

  /** The device may be on another network: try everything again at once. */
  onNetworkChange(now: number): void {
    this.troubleAt = now;
    this.forgive(now);
  }

  /** While paused no snapshots are expected: the page is hidden. */
  pause(): void {
    this.table.pause();
  }

  resume(now: number): void {
    this.table.resume(now);
    this.forgive(now);
  }

  /**
   * The page itself stood still for so long up to now: no link could show that it works, and none
   * is to blame.
   */
  excuse(stood: number): void {
    this.raceSince += stood;
    this.table.excuse(stood);
  }

  /** The offer for this rung has changed: what is open on it leads to the wrong place. */
  reopen(now: number, rung: RungKind): void {
    this.isWarm &&= rung !== 'webtransport';
    for (const attempt of this.table.all()) {
      if (attempt.rung === rung) {
        this.close(attempt, 'offer changed');
        this.records.get(rung)?.retryAt(now);
      }
    }
  }

  /** Notes trouble while the current link is suspect, and whether a second one is worth its bytes. */
  private watch(now: number): void {
    const current = this.currentAttempt();
    if (current === undefined || this.table.isPaused) {
      return;
    }
    const isSilent = this.table.silence(now, current) > this.table.suspectMs(now);
    if (isSilent || current.uplinkLostAt !== undefined) {
      this.troubleAt = now;
    }
    const others = this.table.all().filter((attempt) => attempt !== current);
    this.second.update(now, {
      own: current.starved(now),
      together: this.table.starved(now),
      isCongested: this.table.isCongested,
      hasSecond: others.some((attempt) => this.table.isAlive(now, attempt)),
    });
    if (now - Math.max(this.currentSince, this.troubleAt) > ABSOLUTION_MS) {
      this.records.get(current.rung)?.absolve();
    }
  }

  private openRungs(now: number): void {
    if (this.table.isPaused && this.table.size > 0) {
      return;
    }
    const rungs = rungsToOpen(now, this.table, this.records, {
      current: this.currentAttempt(),
      priority: this.priority(now),
      isTroubled: this.isTroubled(now),
      raceSince: this.raceSince,
      hint: this.options.hint,
      isWarm: this.isWarm,
    });
    for (const rung of rungs) {
      if (this.makeRoom(now)) {
        this.open(now, rung);
      }
    }
  }

  /** Whether one more link may be opened. */
  private makeRoom(now: number): boolean {
    if (this.table.size < MAX_LINKS) {
      return true;
    }
    const spared = dispensable(now, this.table, this.currentAttempt());
    if (spared !== undefined) {
      this.close(spared, 'silent, and others may do better');
    }
    return spared !== undefined;
  }

  private considerMove(now: number, attempt: Attempt, isFirst: boolean): void {
    const current = this.currentAttempt();
    if (current === undefined) {
      this.move(now, attempt, 'first snapshot');
      return;
    }
    const { table } = this;
    const found = promotion(now, table, current, attempt, isFirst, this.proofOf(attempt.rung));
    if (found === undefined) {
      return;
    }
    if (found.cause !== 'better') {
      this.records.get(current.rung)?.lostGame();
    }
    if (found.cause === 'cut off') {
      current.cutOffAt = now;
    }
    this.move(now, attempt, found.why);
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
    const alive = this.table.bestAlive(now);
    if (alive === undefined) {
      this.raceSince = now;
      this.commands.push({ kind: 'move', attempt: undefined, why });
    } else {
      this.move(now, alive, why);
    }
  }

  /** Uses, closes and makes anew, each link as it stands. */
  private settle(now: number): void {
    const current = this.currentAttempt();
    const isCutOff = this.isCutOff(now);
    const isTroubled = this.isTroubled(now);
    const goodFor = now - Math.max(this.currentSince, this.troubleAt);
    for (const attempt of this.table.all()) {
      const proof = this.proofOf(attempt.rung);
      const standing = { current, isCutOff, isTroubled, goodFor, proof };
      this.apply(now, attempt, decide(now, this.table, attempt, standing));
    }
  }

  private apply(now: number, attempt: Attempt, decision: LinkDecision): void {
    const record = this.records.get(attempt.rung);
    switch (decision) {
      case 'waiting':
        break;
      case 'active':
      case 'standby':
        this.setUse(now, attempt, decision);
        break;
      case 'again':
        this.close(attempt, 'no answer');
        record?.repeat();
        this.open(now, attempt.rung);
        break;
      case 'failed':
        this.close(attempt, 'no snapshot in time');
        record?.failed(now);
        break;
      case 'resting':
        this.close(attempt, 'starves as well');
        record?.rest(now);
        break;
      case 'needless':
        this.close(attempt, 'not needed any more');
        break;
    }
  }

  private setUse(now: number, attempt: Attempt, use: LinkUse): void {
    if (attempt.use !== use) {
      attempt.setUse(use, now + this.table.roundTrip);
      this.commands.push({ kind: 'use', attempt: attempt.id, use });
    }
  }

  private open(now: number, rung: RungKind): void {
    const repeats = this.records.get(rung)?.repeats ?? 0;
    const wait = connectTimeout(rung, this.table.roundTrip, repeats, this.options.random());
    const { id } = this.table.open(now, rung, wait);
    this.commands.push({ kind: 'open', attempt: id, rung });
  }

  private close(attempt: Attempt, why: string): void {
    this.table.remove(attempt);
    this.commands.push({ kind: 'close', attempt: attempt.id, why });
  }

  private forgive(now: number): void {
    this.second.forgive();
    for (const record of this.records.values()) {
      record.retryAt(now);
    }
  }

  private currentAttempt(): Attempt | undefined {
    return this.table.get(this.currentId);
  }

  private proofOf(rung: RungKind): number {
    return this.records.get(rung)?.proof ?? 0;
  }

  /** Whether the player is cut off, and any link would do. */
  private isCutOff(now: number): boolean {
    const current = this.currentAttempt();
    const isSilent = this.table.pathSilence(now) > this.table.suspectMs(now);
    const isUnheard = current?.uplinkLostAt !== undefined;
    return this.table.hasPlayed && (current === undefined || isSilent || isUnheard);
  }

  private priority(now: number): Priority {
    if (this.currentId === undefined) {
      return 'lost';
    }
    return this.table.cutOff(now, this.currentAttempt()) > OUTAGE_MS ? 'outage' : 'climb';
  }

  private isTroubled(now: number): boolean {
    return now - this.troubleAt < TROUBLE_MS || this.second.isRequested;
  }
}
