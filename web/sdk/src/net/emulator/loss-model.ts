/** The loss models of a degraded link: whether a datagram is lost. Times in milliseconds. */

import type { Loss } from './network-profile.ts';

/** The running state of one model. The calls' times never decrease. */
export class LossModel {
  private readonly loss: Loss;
  private readonly random: () => number;
  private isBad = false;
  /** When a fade, or the span before the next one, ends. */
  private until = Number.POSITIVE_INFINITY;

  /** The model as it stands at `at`, as if it had been running for ever. */
  constructor(loss: Loss, at: number, random: () => number) {
    this.loss = loss;
    this.random = random;
    if (loss.model === 'bursts') {
      this.isBad = random() < loss.bad_packets / (loss.good_packets + loss.bad_packets);
    } else if (loss.model === 'fades' && loss.faded_percent > 0) {
      this.isBad = random() * 100 < loss.faded_percent;
      this.until = at + this.span(loss);
    }
  }

  /** Whether a datagram under way at `at` is lost; `draw` is its own random number, from 0 up to 1. */
  loses(at: number, draw: number): boolean {
    const { loss } = this;
    switch (loss.model) {
      case 'none':
        return false;
      case 'uniform':
        return draw * 100 < loss.percent;
      case 'bursts': {
        const isLost = this.isBad;
        if (draw < 1 / (isLost ? loss.bad_packets : loss.good_packets)) {
          this.isBad = !isLost;
        }
        return isLost;
      }
      case 'fades':
        return this.clearAt(at) > at;
    }
  }

  /** When the fade ends that is on at `at`; `at` itself without one. */
  clearAt(at: number): number {
    if (this.loss.model !== 'fades') {
      return at;
    }
    while (this.until <= at) {
      this.isBad = !this.isBad;
      this.until += this.span(this.loss);
    }
    return this.isBad ? this.until : at;
  }

  /** How long the present state lasts from now on: exponential, so it has no memory. */
  private span({ mean_ms, faded_percent }: Extract<Loss, { model: 'fades' }>): number {
    const mean = this.isBad ? mean_ms : (mean_ms * (100 - faded_percent)) / faded_percent;
    return -mean * Math.log(1 - this.random());
  }
}
