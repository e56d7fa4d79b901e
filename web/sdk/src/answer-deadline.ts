/** When a client gives up on a server that brings nothing. Pure; times in milliseconds. */

/** Without a welcome after so long, a connect has failed. */
const CONNECT_MS = 30_000;
/** Without a snapshot for so long, while the page is seen, the server is gone for good. */
const RETURN_MS = 120_000;

/** The deadline of one client. */
export class AnswerDeadline {
  private aliveAt = 0;

  /** Something has come in, or nothing was expected, up to `now`. */
  alive(now: number): void {
    this.aliveAt = Math.max(this.aliveAt, now);
  }

  /** So much of the time doesn't count: the page stood still. */
  excuse(stood: number): void {
    this.aliveAt += stood;
  }

  /** `isFirst`: whether the client still waits for its first welcome. */
  hasPassed(now: number, isFirst: boolean): boolean {
    return now - this.aliveAt > (isFirst ? CONNECT_MS : RETURN_MS);
  }
}
