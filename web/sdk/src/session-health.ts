/**
 * Faults of a session whose links are fine: snapshots that never come although the server answers,
 * and inputs that it never takes. Pure; times in milliseconds.
 */

import type { ErrorKind } from './client-error.ts';
import { NO_INPUT } from './protocol/datagram.ts';

/** A fault is one after so long. */
const PATIENCE_MS = 3_000;

/** After so long without a snapshot it is worth asking whether the server answers. */
const ASK_MS = 2_000;

/** A fault that lasts is reported again after so long. */
const AGAIN_MS = 10_000;

/** What each fault is, in words. */
const MESSAGES = {
  'no-snapshots': 'no snapshot has been decoded for 3 s although the server answers',
  'inputs-unread': 'the server has taken no input for 3 s although it acknowledges our datagrams',
} as const satisfies Partial<Record<ErrorKind, string>>;

type Fault = keyof typeof MESSAGES;

/** The faults of one session. */
export class SessionHealth {
  private readonly report: (kind: Fault, message: string) => void;
  /** Since when a snapshot is expected; nothing while none is. */
  private expectedSince: number | undefined;
  /** Since when inputs are acknowledged and none is taken. */
  private unreadSince: number | undefined;
  private readonly reportedAt = new Map<Fault, number>();

  constructor(report: (kind: Fault, message: string) => void) {
    this.report = report;
  }

  /** Whether anything is wrong, by the last {@link poll}. */
  get isFaulty(): boolean {
    return this.reportedAt.size > 0;
  }

  /** A snapshot was decoded. `isAcknowledged`: the server is known to have datagrams of ours. */
  decoded(now: number, inputLead: number, isAcknowledged: boolean): void {
    this.expectedSince = now;
    if (inputLead !== NO_INPUT || !isAcknowledged) {
      this.unreadSince = undefined;
    } else {
      this.unreadSince ??= now;
    }
  }

  /** So much of the time up to now doesn't count: the page stood still. */
  excuse(stood: number): void {
    this.expectedSince = later(this.expectedSince, stood);
    this.unreadSince = later(this.unreadSince, stood);
  }

  /** Whether a snapshot is missing, so that the server is to be asked whether it answers. */
  isMissing(now: number): boolean {
    return now - (this.expectedSince ?? now) >= ASK_MS;
  }

  /**
   * Judges at `now`; to be called often. `isExpecting`: whether snapshots should come, because a link
   * is attached and the page is seen. `isAnswered`: whether the server has just answered.
   */
  poll(now: number, isExpecting: boolean, isAnswered: boolean): void {
    if (!isExpecting) {
      this.expectedSince = undefined;
      this.unreadSince = undefined;
    }
    this.expectedSince ??= isExpecting ? now : undefined;
    this.judge(now, 'no-snapshots', isAnswered ? this.expectedSince : undefined);
    this.judge(now, 'inputs-unread', this.unreadSince);
  }

  private judge(now: number, fault: Fault, since: number | undefined): void {
    if (since === undefined || now - since < PATIENCE_MS) {
      this.reportedAt.delete(fault);
    } else if (now - (this.reportedAt.get(fault) ?? Number.NEGATIVE_INFINITY) >= AGAIN_MS) {
      this.reportedAt.set(fault, now);
      this.report(fault, MESSAGES[fault]);
    }
  }
}

function later(time: number | undefined, by: number): number | undefined {
  return time === undefined ? undefined : time + by;
}
