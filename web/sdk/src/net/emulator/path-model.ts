/**
 * One direction of a degraded path: says when what is sent comes out, and keeps neither bytes nor
 * timers. The lab's model has the same stations in the same order: gaps, loss, duplication, then
 * delay and jitter. Times in milliseconds from the path's start; the calls' never decrease.
 */

import { seededRandom } from '../../random.ts';
import { LossModel } from './loss-model.ts';
import type { Gap, OneWayProfile, PathQuality } from './network-profile.ts';

/** What becomes of all that goes one way, over all links there are: they share one path. */
export class PathModel {
  private readonly profile: OneWayProfile;
  private readonly lossSeed: number;
  private readonly lossRandom: () => number;
  private readonly jitterRandom: () => number;
  private readonly copyRandom: () => number;
  private quality: PathQuality;
  private loss: LossModel;
  private steps = 0;
  private latest = 0;

  /** Directions that are given the same `lossSeed` and the same fades fade at the same moments. */
  constructor(profile: OneWayProfile, seed: number, lossSeed: number) {
    this.profile = profile;
    this.lossSeed = lossSeed;
    this.lossRandom = seededRandom(seed);
    this.jitterRandom = seededRandom(seed + 1);
    this.copyRandom = seededRandom(seed + 2);
    this.quality = profile;
    this.loss = new LossModel(profile.loss, 0, seededRandom(lossSeed));
  }

  /** When a datagram sent at `now` comes out: never, once, or twice. */
  send(now: number): readonly number[] {
    this.advance(now);
    // Every datagram takes its draws, so that one impairment doesn't shift those of another.
    const draw = this.lossRandom();
    const isDoubled = this.copyRandom() * 100 < this.quality.duplicate_percent;
    if (gapEnd(this.profile.gaps, now) > now || this.loss.loses(now, draw)) {
      return [];
    }
    return isDoubled ? [this.depart(now), this.depart(now)] : [this.depart(now)];
  }

  /** When a frame sent at `now` comes out that its transport sends until it comes through. */
  hold(now: number): number {
    this.advance(now);
    const through = Math.max(this.loss.clearAt(now), gapEnd(this.profile.gaps, now));
    return through + this.quality.delay_ms + this.stretch();
  }

  private depart(now: number): number {
    const { delay_ms, jitter } = this.quality;
    const due = now + delay_ms + this.stretch();
    const at = jitter.order === 'kept' ? Math.max(due, this.latest) : due;
    this.latest = Math.max(this.latest, at);
    return at;
  }

  private stretch(): number {
    const { ms, touched_percent } = this.quality.jitter;
    const isTouched = this.jitterRandom() * 100 < touched_percent;
    const share = this.jitterRandom();
    return isTouched ? share * ms : 0;
  }

  private advance(now: number): void {
    const { schedule = [] } = this.profile;
    for (let step = schedule[this.steps]; step !== undefined; step = schedule[this.steps]) {
      const at = 1_000 * step.at_s;
      if (at > now) {
        return;
      }
      this.steps += 1;
      this.quality = { ...this.quality, ...step };
      if (step.loss !== undefined) {
        this.loss = new LossModel(step.loss, at, seededRandom(this.lossSeed + this.steps));
      }
    }
  }
}

/** When the gaps end that cover `at`; `at` itself where none does. */
function gapEnd(gaps: readonly Gap[], at: number): number {
  let end = at;
  for (const { at_s, for_ms, every_s } of gaps) {
    const since = at - 1_000 * at_s;
    const into = every_s === null ? since : since % (1_000 * every_s);
    if (since >= 0 && into < for_ms) {
      end = Math.max(end, at + for_ms - into);
    }
  }
  return end;
}
