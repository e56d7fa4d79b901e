/** What the ladder remembers of one link, from the wish to open it. No decisions are made here. */

import type { LinkUse } from '../../protocol/control.ts';
import type { RungKind } from '../../rung.ts';
import { Starvation } from '../../sync/starvation.ts';

/** A link's own starvation is looked back on for so many seconds. */
export const QUALITY_SECONDS = 8;

/** So many say whether it can be relied on: a rung is left or climbed to by them. */
const RELIABLE_SECONDS = 20;

/** One link. Times in milliseconds. */
export class Attempt {
  readonly id: number;
  readonly rung: RungKind;
  readonly openedAt: number;
  /** How long each step of its connect may take while no other link brings snapshots. */
  readonly connectTimeout: number;
  /** When the step of its set-up that is under way began. */
  stepSince: number;
  isAttached = false;
  use: LinkUse = 'active';
  /** Since when a snapshot is expected of it. */
  expectedSince: number;
  lastSnapshotAt = Number.NEGATIVE_INFINITY;
  /** Since when its snapshots have come without a stall. */
  goodSince = Number.POSITIVE_INFINITY;
  /** Since when it has brought snapshots without a pause. */
  usedSince = Number.POSITIVE_INFINITY;
  /** When the game left it because it was cut off: it may come back as good as it was. */
  cutOffAt = Number.NEGATIVE_INFINITY;
  /** Since when nothing is known to get through on it to the server; nothing while all is well. */
  uplinkLostAt: number | undefined;
  private readonly starvation = new Starvation(QUALITY_SECONDS);
  private sinceStall = new Starvation(RELIABLE_SECONDS);
  private isMeasured = false;
  private excused = 0;

  constructor(id: number, rung: RungKind, now: number, connectTimeout: number) {
    this.id = id;
    this.rung = rung;
    this.openedAt = now;
    this.stepSince = now;
    this.connectTimeout = connectTimeout;
    this.expectedSince = now;
  }

  get hadSnapshot(): boolean {
    return this.lastSnapshotAt > Number.NEGATIVE_INFINITY;
  }

  /** Share of the last seconds that this link by itself starved, 0 to 1. */
  starved(now: number): number {
    return this.isMeasured ? this.starvation.recentShare(now) : 0;
  }

  /** The same, of the time since its last stall. */
  starvedSinceStall(now: number): number {
    return this.isMeasured ? this.sinceStall.recentShare(now) : 0;
  }

  /** A step of its set-up is done. */
  answer(now: number): void {
    this.stepSince = now;
  }

  attach(): void {
    this.isAttached = true;
  }

  /** A snapshot came in. Gives the gap before it, as far as this link is to blame; 0 at first. */
  snapshot(now: number, stallMs: number): number {
    const gap = now - this.lastSnapshotAt - this.excused;
    this.isAttached = true;
    if (gap > stallMs) {
      this.goodSince = now;
      this.sinceStall = new Starvation(RELIABLE_SECONDS);
    }
    this.lastSnapshotAt = now;
    this.excused = 0;
    this.expectedSince = Math.max(this.expectedSince, now);
    this.sinceStall.onSnapshot(now);
    if (this.isMeasured) {
      this.starvation.onSnapshot(now);
      return gap;
    }
    this.isMeasured = true;
    this.usedSince = now;
    this.starvation.resume(now);
    return 0;
  }

  /** The server does not hear it, until {@link proveUplink} says otherwise. */
  loseUplink(now: number): void {
    this.uplinkLostAt ??= now;
  }

  /** Something got through; its good time begins anew. */
  proveUplink(now: number): void {
    if (this.uplinkLostAt !== undefined) {
      this.uplinkLostAt = undefined;
      this.goodSince = Math.max(this.goodSince, now);
    }
  }

  /** How long ago its way up was lost; 0 while all is well. */
  unheard(now: number): number {
    return this.uplinkLostAt === undefined ? 0 : Math.max(0, now - this.uplinkLostAt);
  }

  /** So much of the time since its last snapshot doesn't count. */
  excuse(stood: number): void {
    this.expectedSince += stood;
    this.excused += stood;
    if (this.uplinkLostAt !== undefined) {
      this.uplinkLostAt += stood;
    }
    this.starvation.excuse(stood);
    this.sinceStall.excuse(stood);
  }

  /** `expectedFrom`: when the first snapshot of the new use may come. */
  setUse(use: LinkUse, expectedFrom: number): void {
    this.use = use;
    this.expectedSince = expectedFrom;
    this.rest();
  }

  /** No snapshots are expected until the next one: the link stands by, or the page is hidden. */
  rest(): void {
    this.isMeasured = false;
    this.starvation.pause();
  }
}
