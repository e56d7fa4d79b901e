/**
 * What is heard when: turns what happens in the pond into sounds. Pure; times are arguments, in
 * milliseconds.
 */

import type { BoundaryMood } from '../model/boundary.ts';
import type { GameEvent, Phase } from '../model/events.ts';
import type { SoundName } from './sounds.ts';

/** Told of each sound; `pitch` and `gain` are factors. */
export type Hear = (sound: SoundName, pitch: number, gain: number) => void;

/** What one frame is like to the ear. */
export interface Moment {
  readonly phase: Phase;
  readonly hasOwn: boolean;
  readonly mood: BoundaryMood;
  /** Whole seconds to the phase's end. */
  readonly secondsLeft: number;
  /** 0 to 1: how near the end is, by a larger circle or outside the ring. */
  readonly danger: number;
}

/** Knibbles that follow within this time are one run, and rise in pitch. */
const RUN = 900;

/** Knibbles within this time of the last one that was heard are not heard. */
const KNIBBLE_PAUSE = 60;

/** A knibble after this time is as loud as they get. */
const LOUD_AFTER = 170;

/** The run's steps in half tones: five to the octave, so that any two sound well together. */
const STEPS = [0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24] as const;

/** Danger below this is not heard. */
const UNEASE = 0.12;

/** Milliseconds from heartbeat to heartbeat, at the least danger and at the most. */
const SLOW_HEART = 1_150;
const FAST_HEART = 480;

/** The countdown is heard from this many seconds on. */
const COUNTED = 3;

/** An ear with a memory of the last moment. */
export class Hearing {
  private last: Moment | undefined;
  private run = 0;
  private lastKnibble = Number.NEGATIVE_INFINITY;
  private lastBeat = Number.NEGATIVE_INFINITY;

  constructor(private readonly hear: Hear) {}

  /** What came before is over: the next moment follows from nothing. */
  reset(): void {
    this.last = undefined;
    this.run = 0;
  }

  /** The own circle has eaten a knibble. */
  knibble(now: number): void {
    const since = now - this.lastKnibble;
    if (since < KNIBBLE_PAUSE) {
      return;
    }
    this.run = since < RUN ? Math.min(this.run + 1, STEPS.length - 1) : 0;
    this.lastKnibble = now;
    const halfTones = STEPS[this.run] ?? 0;
    this.hear('knibble', 2 ** (halfTones / 12), Math.min(1, since / LOUD_AFTER));
  }

  /** Something happened in the room. */
  event(event: GameEvent, ownSeat: number): void {
    if (event.kind === 'eaten' && event.eater === ownSeat) {
      this.hear('circle', 1, 1);
    } else if (event.kind === 'results') {
      const own = event.rows.find(({ seat }) => seat === ownSeat);
      if (own !== undefined) {
        this.hear(own.place === 1 ? 'win' : 'lose', 1, 1);
      }
    }
  }

  /** Listens to a frame. */
  moment(moment: Moment, now: number): void {
    const { last } = this;
    this.last = moment;
    if (moment.phase === 'playing' && moment.hasOwn) {
      this.beat(moment.danger, now);
    }
    if (last === undefined) {
      return;
    }
    if (moment.phase !== last.phase) {
      if (moment.phase === 'playing' && last.phase === 'countdown') {
        this.hear('go', 1, 1);
      }
      return;
    }
    if (moment.phase === 'countdown') {
      this.count(moment.secondsLeft, last.secondsLeft);
    } else if (moment.phase === 'playing') {
      this.compare(moment, last);
    }
  }

  private count(left: number, before: number): void {
    if (left < before && left >= 1 && left <= COUNTED) {
      this.hear('tick', 1, 1);
    }
  }

  private compare(moment: Moment, last: Moment): void {
    if (last.hasOwn && !moment.hasOwn) {
      this.hear('eaten', 1, 1);
    }
    if (moment.mood === 'closing' && last.mood === 'still') {
      this.hear('ring', 1, 1);
    }
  }

  private beat(danger: number, now: number): void {
    const pause = SLOW_HEART + (FAST_HEART - SLOW_HEART) * danger;
    if (danger >= UNEASE && now - this.lastBeat >= pause) {
      this.lastBeat = now;
      this.hear('heart', 1 + 0.2 * danger, 0.3 + 0.7 * danger);
    }
  }
}
