/** Estimates of a path from acknowledgements: round trip, its variation, and loss. */

/** Round-trip time, smoothed after RFC 6298 §2, and loss, as a moving average. In milliseconds. */
export class PathEstimate {
  /** Weight of one datagram in the loss average: 1/64, about two seconds of 30 Hz. */
  private static readonly LOSS_GAIN = 1 / 64;

  private smoothed: number | undefined;
  private deviation = 0;
  private lowest: number | undefined;
  private lossAverage = 0;

  /** Takes a round trip from send to ack, less the time the peer held the ack back. */
  onRoundTrip(sample: number): void {
    if (this.smoothed === undefined) {
      this.smoothed = sample;
      this.deviation = sample / 2;
    } else {
      this.deviation = (this.deviation * 3 + Math.abs(this.smoothed - sample)) / 4;
      this.smoothed = (this.smoothed * 7 + sample) / 8;
    }
    this.lowest = Math.min(this.lowest ?? sample, sample);
  }

  /** Counts a datagram that came through or never did. */
  onOutcome(lost: boolean): void {
    this.lossAverage += ((lost ? 1 : 0) - this.lossAverage) * PathEstimate.LOSS_GAIN;
  }

  /** Smoothed round-trip time, once there is a sample. */
  get roundTrip(): number | undefined {
    return this.smoothed;
  }

  /** Mean deviation of the round trip; zero before the first sample. */
  get variation(): number {
    return this.deviation;
  }

  /** The shortest round trip seen, once there is a sample. */
  get lowestRoundTrip(): number | undefined {
    return this.lowest;
  }

  /** Share of our datagrams that the peer never received, 0 to 1. */
  get loss(): number {
    return this.lossAverage;
  }
}
