/** What becomes of our own datagrams: the share that is lost, and how many in a row. */

import type { AckObserver, SentDatagram } from '../protocol/acks.ts';
import { sequencePlus } from '../protocol/sequence.ts';

/** Averages over the last hundred datagrams or so, and over the last few losses. */
export class UpLoss implements AckObserver {
  /** Weight of one datagram, and of one run of losses. */
  private static readonly GAIN = 1 / 96;
  private static readonly RUN_GAIN = 1 / 8;

  /** A path that nobody knows yet is taken for one that loses a little, for half a second. */
  private static readonly PRIOR = 0.006;

  private average = UpLoss.PRIOR;
  private run = 0;
  private lastLost = 0;
  private meanRun = 1;

  /** Share of the datagrams that never got through in time, 0 to 1. */
  get share(): number {
    return this.average;
  }

  /** How many are lost in a row, on average; at least 1. */
  get burst(): number {
    return Math.max(this.meanRun, this.run / 2);
  }

  acked(): void {
    this.average -= this.average * UpLoss.GAIN;
  }

  lost({ sequence }: Readonly<SentDatagram>): void {
    this.average += (1 - this.average) * UpLoss.GAIN;
    if (this.run > 0 && sequence === sequencePlus(this.lastLost, 1)) {
      this.run += 1;
    } else {
      this.meanRun += this.run === 0 ? 0 : (this.run - this.meanRun) * UpLoss.RUN_GAIN;
      this.run = 1;
    }
    this.lastLost = sequence;
  }
}
