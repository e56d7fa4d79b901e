/** The time left and what the ring does next, at the top. */

import { boundaryMood, upcomingStage } from '../model/boundary.ts';
import type { PhaseEvent } from '../model/events.ts';
import { element, setText } from './dom.ts';
import { clock, secondsLeft } from './format.ts';

/** The panel at the top in the middle. */
export class Clock {
  readonly root = element('section', 'panel clock');
  private readonly time = element('div', 'clock-time');
  private readonly ring = element('div', 'clock-ring');

  constructor() {
    this.root.setAttribute('aria-label', 'Time left');
    this.root.append(this.time, this.ring);
  }

  /** `isHurried`: whether the game's end was moved up, which the second line then says. */
  update(phase: PhaseEvent, tick: number, tickRate: number, isHurried: boolean): void {
    this.root.hidden = phase.phase !== 'playing';
    if (this.root.hidden) {
      return;
    }
    const left = phase.ends - tick;
    setText(this.time, phase.ends > phase.started ? clock(left, tickRate) : '–:––');
    this.time.classList.toggle('is-short', phase.ends > phase.started && left < 15 * tickRate);
    setText(this.ring, isHurried ? 'until the results' : ringText(phase, tick, tickRate));
    const isClosing = boundaryMood(phase.boundary, tick) === 'closing';
    this.ring.classList.toggle('is-closing', isClosing && !isHurried);
  }
}

/** What the ring does next, in a few words. */
export function ringText(phase: PhaseEvent, tick: number, tickRate: number): string {
  const stage = upcomingStage(phase.boundary, tick);
  if (stage === undefined) {
    return 'Last ring';
  }
  return tick >= stage.start
    ? 'Ring is closing'
    : `Ring closes in ${secondsLeft(stage.start - tick, tickRate)} s`;
}
