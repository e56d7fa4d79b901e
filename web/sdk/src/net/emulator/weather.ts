/**
 * One direction of a degraded path: says when what is sent comes out, and keeps neither bytes nor
 * timers. The lab's model has the same stations in the same order: gaps, loss, duplication, then
 * delay and jitter. Times in milliseconds from the path's start; the calls' never decrease.
 */

import { seededRandom } from '../../random.ts';
import { Air } from './air.ts';
import type { Conditions, Gap, OneWayProfile } from './link-profile.ts';

/** The fate of all that goes one way, over all links there are: they share one path. */
export class Weather {
  private readonly profile: OneWayProfile;
  private readonly airSeed: number;
  private readonly lossLuck: () => number;
  private readonly jitterLuck: () => number;
  private readonly copyLuck: () => number;
  private conditions: Conditions;
  private air: Air;
  private steps = 0;
  private latest = 0;

  /** Directions that are given the same `airSeed` and the same fades fade at the same moments. */
  constructor(profile: OneWayProfile, seed: number, airSeed: number) {
    this.profile = profile;
    this.airSeed = airSeed;
    this.lossLuck = seededRandom(seed);
    this.jitterLuck = seededRandom(seed + 1);
    this.copyLuck = seededRandom(seed + 2);
    this.conditions = profile;
    this.air = new Air(profile.loss, 0, seededRandom(airSeed));
  }

  /** When a datagram sent at `now` comes out: never, once, or twice. */
  send(now: number): readonly number[] {
    this.advance(now);
    // Every datagram takes its draws, so that one impairment doesn't shift another's luck.
    const luck = this.lossLuck();
    const isDoubled = this.copyLuck() * 100 < this.conditions.duplicate_percent;
    if (gapEnd(this.profile.gaps, now) > now || this.air.takes(now, luck)) {
      return [];
    }
    return isDoubled ? [this.depart(now), this.depart(now)] : [this.depart(now)];
  }

  /** When a frame sent at `now` comes out that its transport sends until it comes through. */
  hold(now: number): number {
    this.advance(now);
    const through = Math.max(this.air.clearAt(now), gapEnd(this.profile.gaps, now));
    return through + this.conditions.delay_ms + this.stretch();
  }

  private depart(now: number): number {
    const { delay_ms, jitter } = this.conditions;
    const due = now + delay_ms + this.stretch();
    const at = jitter.order === 'kept' ? Math.max(due, this.latest) : due;
    this.latest = Math.max(this.latest, at);
    return at;
  }

  private stretch(): number {
    const { ms, touched_percent } = this.conditions.jitter;
    const isTouched = this.jitterLuck() * 100 < touched_percent;
    const share = this.jitterLuck();
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
      this.conditions = { ...this.conditions, ...step };
      if (step.loss !== undefined) {
        this.air = new Air(step.loss, at, seededRandom(this.airSeed + this.steps));
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
