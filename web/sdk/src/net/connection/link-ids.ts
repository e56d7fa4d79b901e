/**
 * Numbers for the links of one session, each given out once. They share a key, which the first link
 * that attaches sets and nobody else knows: with a stolen token alone no further link attaches.
 */

/** Numbers of one key. */
const COUNT = 2 ** 12;

export class LinkIds {
  private readonly base: number;
  private given = 0;

  /** `key`: 40 bits that nobody can guess. */
  constructor(key: number) {
    this.base = key * COUNT;
  }

  /** A number for a link. The server remembers the last 256, so they may come round again. */
  take(): number {
    this.given = (this.given + 1) % COUNT;
    return this.base + this.given;
  }
}
