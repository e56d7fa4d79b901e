/**
 * Reports errors without a flood: the first of each kind at once, then at most one in ten seconds
 * with the count. In development the first one is written to the console, too.
 */

import { type ClientErrorEvent, type ErrorKind, REMEDIES } from './client-error.ts';
import type { Host } from './host.ts';

/** Least time between two reports of one kind, in milliseconds. */
const PERIOD_MS = 10_000;

interface Record {
  count: number;
  message: string;
  /** When it was reported last, and the count then. */
  reportedAt: number;
  reported: number;
}

/** What hears of an error; `message` says what happened. */
export type ReportError = (kind: ErrorKind, message: string) => void;

/** The reports of one client. */
export class ErrorReporter {
  private readonly host: Host;
  private readonly isDevelopment: boolean;
  private readonly emit: (event: ClientErrorEvent) => void;
  private readonly records = new Map<ErrorKind, Record>();

  constructor(host: Host, isDevelopment: boolean, emit: (event: ClientErrorEvent) => void) {
    this.host = host;
    this.isDevelopment = isDevelopment;
    this.emit = emit;
  }

  /** Something has gone wrong. */
  readonly report: ReportError = (kind, message) => {
    const record = this.records.get(kind) ?? {
      count: 0,
      message,
      reportedAt: Number.NEGATIVE_INFINITY,
      reported: 0,
    };
    this.records.set(kind, record);
    record.count += 1;
    record.message = message;
    if (this.isDevelopment && record.count === 1) {
      this.host.logError(`[${kind}] ${message}. ${REMEDIES[kind]}`);
    }
    this.flush(this.host.now(), kind, record);
  };

  /** Reports what had to wait. To be called often. */
  poll(now: number): void {
    for (const [kind, record] of this.records) {
      this.flush(now, kind, record);
    }
  }

  private flush(now: number, kind: ErrorKind, record: Record): void {
    const { count, message, reported, reportedAt } = record;
    if (count > reported && now - reportedAt >= PERIOD_MS) {
      record.reported = count;
      record.reportedAt = now;
      this.emit({ kind, message, remedy: REMEDIES[kind], count });
    }
  }
}

/** Whether a server's origin is this very machine: somebody is developing there. */
export function isLocal(origin: string): boolean {
  return /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(origin);
}
