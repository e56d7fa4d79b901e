/**
 * Whether a bundle's sockets are held up often: a datagram that comes after newer ones waited behind
 * a lost segment. Pure; it opens nothing. Times in milliseconds.
 */

import { sequenceDistance } from '../../protocol/sequence.ts';

/** So many overtaken datagrams within the time make it often. */
const OFTEN = 2;
const WITHIN_MS = 10_000;

/** What is known of the order in which one link's datagrams came. */
export class Overtaking {
  private newest: number | undefined;
  private readonly overtakenAt: number[] = [];

  /** A datagram came in on any of the sockets. */
  came(now: number, sequence: number): void {
    if (this.newest === undefined || sequenceDistance(sequence, this.newest) > 0) {
      this.newest = sequence;
      return;
    }
    this.overtakenAt.push(now);
    if (this.overtakenAt.length > OFTEN) {
      this.overtakenAt.shift();
    }
  }

  /** Whether it happens often, so that more sockets would help. */
  isOften(now: number): boolean {
    const [oldest] = this.overtakenAt;
    return this.overtakenAt.length === OFTEN && oldest !== undefined && now - oldest < WITHIN_MS;
  }
}
