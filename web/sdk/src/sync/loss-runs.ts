/**
 * How many snapshots in a row the path loses, and how often, told from the few losses there were:
 * after a minute everybody knows, but the picture must ride over the first long run as well. Pure;
 * times in milliseconds.
 */

/** A model of a path that loses snapshots in runs of geometric length. */
export class LossRuns {
  /** Half of what was seen is forgotten in this time. */
  private static readonly HALF_LIFE_MS = 30_000;

  /** Once something was lost, as if so much more of a snapshot had been: what is seldom shows late. */
  private static readonly PRIOR_LOST = 0.5;

  /** So many losses must say that they come in runs before it is believed rather than chance. */
  private static readonly PRIOR_LOSSES = 12;

  /** A run that is expected more seldom is not ridden over. */
  private static readonly LEAST_OFTEN_MS = 60_000;

  /** Share of the time that may be longer than what is ridden over. */
  private static readonly BEARABLE = 0.0003;

  /** What is left of a single loss after half a minute is no loss any more. */
  private static readonly LEAST_LOST = 0.5;

  private snapshots = 0;
  private lost = 0;
  private runs = 0;
  private time = 0;

  /** Takes a snapshot `gap` after the one before it by the server's clock, with so many between lost. */
  onSnapshot(gap: number, missed: number): void {
    const kept = 0.5 ** (gap / LossRuns.HALF_LIFE_MS);
    this.snapshots = this.snapshots * kept + missed + 1;
    this.lost = this.lost * kept + missed;
    this.runs = this.runs * kept + (missed > 0 ? 1 : 0);
    this.time = this.time * kept + gap;
  }

  /**
   * The longest time from one snapshot to the next that is to be ridden over because of losses: what
   * is longer comes too seldom, or is over too soon, to be worth more delay. 0 where nothing is lost
   * often enough.
   */
  get gap(): number {
    if (this.lost < LossRuns.LEAST_LOST) {
      return 0;
    }
    const interval = this.time / this.snapshots;
    const share = (this.lost + LossRuns.PRIOR_LOST) / this.snapshots;
    const again = Math.min(0.9, this.chanceOfAnother(share));
    let ridden = 0;
    // How often a run is longer than what is ridden over, and what such runs last beyond the next.
    let often = (share * (1 - again)) / interval;
    while (often > 1 / LossRuns.LEAST_OFTEN_MS) {
      const beyond = (often * interval * again) / (1 - again);
      if (beyond <= LossRuns.BEARABLE) {
        const spared = (LossRuns.BEARABLE - beyond) / often;
        return interval * (ridden + 2) - Math.min(interval, spared);
      }
      ridden += 1;
      often *= again;
    }
    return ridden === 0 ? 0 : interval * (ridden + 1);
  }

  /** How likely a loss is followed by another. */
  private chanceOfAnother(share: number): number {
    const followed = Math.max(0, this.lost - this.runs);
    return (followed + LossRuns.PRIOR_LOSSES * share) / (this.lost + LossRuns.PRIOR_LOSSES);
  }
}
