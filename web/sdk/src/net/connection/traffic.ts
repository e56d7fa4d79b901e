/** Bytes of a session over all the links it had: in all, lately, and what a second link costs. */

import type { LinkCounters } from '../transport/link.ts';

/** Payload bytes both ways. */
export interface Bytes {
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Counts what links carried. Times in milliseconds. */
export class Traffic {
  /** The rate is taken over so many buckets. */
  private static readonly BUCKETS = 8;
  private static readonly BUCKET_MS = 250;

  private readonly all = { bytesIn: 0, bytesOut: 0, unsent: 0 };
  private readonly others = { bytesIn: 0, bytesOut: 0 };
  private readonly recentIn = new Float64Array(Traffic.BUCKETS + 1);
  private readonly recentOut = new Float64Array(Traffic.BUCKETS + 1);
  private bucket = 0;

  /** Payload bytes and datagrams not sent, in all. */
  get totals(): Readonly<LinkCounters> {
    return this.all;
  }

  /** The part of it on links beside the one that carried the game. */
  get beside(): Bytes {
    return this.others;
  }

  /** A link carried this up to `now`. `isBeside`: another one carried the game. */
  count(now: number, { bytesIn, bytesOut, unsent }: LinkCounters, isBeside: boolean): void {
    this.all.bytesIn += bytesIn;
    this.all.bytesOut += bytesOut;
    this.all.unsent += unsent;
    if (isBeside) {
      this.others.bytesIn += bytesIn;
      this.others.bytesOut += bytesOut;
    }
    this.turn(now);
    const slot = this.bucket % this.recentIn.length;
    this.recentIn[slot] = (this.recentIn[slot] ?? 0) + bytesIn;
    this.recentOut[slot] = (this.recentOut[slot] ?? 0) + bytesOut;
  }

  /** Bytes a second over the last two. */
  perSecond(now: number): Bytes {
    this.turn(now);
    const present = this.bucket % this.recentIn.length;
    const seconds = (Traffic.BUCKETS * Traffic.BUCKET_MS) / 1_000;
    const sum = (recent: Float64Array) =>
      recent.reduce((total, bytes, slot) => (slot === present ? total : total + bytes), 0);
    return { bytesIn: sum(this.recentIn) / seconds, bytesOut: sum(this.recentOut) / seconds };
  }

  private turn(now: number): void {
    const bucket = Math.floor(now / Traffic.BUCKET_MS);
    const first = Math.max(this.bucket + 1, bucket - this.recentIn.length + 1);
    for (let at = first; at <= bucket; at += 1) {
      this.recentIn[at % this.recentIn.length] = 0;
      this.recentOut[at % this.recentIn.length] = 0;
    }
    this.bucket = Math.max(this.bucket, bucket);
  }
}
