/**
 * Asks the server whether the session is still there, while nothing comes on any link. Links alone
 * may not tell: a server that crashed says nothing, and a browser slows its connects down.
 */

import type { Host } from '../../host.ts';
import type { SessionOver } from '../connection/session-end.ts';
import { type RefusedToken, refusedToken } from './refused-token.ts';

/** Silence of all links, in milliseconds, from which on it asks. */
const SILENCE_MS = 1_000;

/** Time from one question to the next, and as much again at most, at random. */
const EVERY_MS = 700;

/** A question without an answer is given up after so long. */
const DEADLINE_MS = 3_000;

/** Players of a room whose node is gone come back within this time, and then so far apart. */
const MOVED_SPREAD_MS = 300;
const MOVED_EVERY_MS = 1_000;

/** One session's questions. Times in milliseconds. */
export class SessionCheck {
  private readonly host: Host;
  private readonly url: string;
  private readonly over: (over: SessionOver) => void;
  private dueAt = Number.NEGATIVE_INFINITY;
  private heardAt: number;
  private isAsking = false;

  /** `over` hears of the end, once. */
  constructor(host: Host, origin: string, over: (over: SessionOver) => void) {
    this.host = host;
    this.url = `${origin}/v1/session`;
    this.over = over;
    this.heardAt = host.now();
  }

  /** Something came in, or nothing was expected. */
  heard(now: number): void {
    this.heardAt = now;
  }

  /** To be called often, with the session's token. */
  poll(now: number, token: string): void {
    if (!this.isAsking && now - this.heardAt > SILENCE_MS && now >= this.dueAt) {
      this.isAsking = true;
      void this.ask(token);
    }
  }

  /** A room that has moved waits for its players; they need not be told anything first. */
  private end({ reason, problem }: RefusedToken): SessionOver {
    if (!problem.includes('moved-session')) {
      return { reason };
    }
    const afterMs = this.host.random() * MOVED_SPREAD_MS;
    return { reason: 'shutting-down', returnSlot: { afterMs, everyMs: MOVED_EVERY_MS } };
  }

  private async ask(token: string): Promise<void> {
    const abort = new AbortController();
    const cancel = this.host.setTimer(() => abort.abort(), DEADLINE_MS);
    try {
      const headers = { authorization: `Bearer ${token}` };
      const response = await this.host.fetch(this.url, { headers, signal: abort.signal });
      if (response.status === 401) {
        this.over(this.end(await refusedToken(response)));
      }
    } catch {
      // Nobody there: the next question may find somebody.
    } finally {
      cancel();
      this.isAsking = false;
      this.dueAt = this.host.now() + EVERY_MS * (1 + this.host.random());
    }
  }
}
