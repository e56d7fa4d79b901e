/** The thumb's stick as it is drawn: a base where the thumb came down and a knob under it. */

import type { Stick } from '../input/controls.ts';
import { STICK_REACH } from '../input/steering.ts';
import { element } from './dom.ts';

/** The stick over the pond; moved by transforms only. */
export class StickView {
  readonly root = element('div', 'stick');
  private readonly knob = element('div', 'stick-knob');
  private isShown = false;

  constructor() {
    this.root.setAttribute('aria-hidden', 'true');
    this.root.append(this.knob);
  }

  /** To be called each frame; costs nothing while no thumb is down. */
  update(stick: Stick): void {
    if (stick.isHeld !== this.isShown) {
      this.isShown = stick.isHeld;
      this.root.classList.toggle('is-held', stick.isHeld);
    }
    if (!stick.isHeld) {
      return;
    }
    const dx = stick.x - stick.baseX;
    const dy = stick.y - stick.baseY;
    const way = Math.hypot(dx, dy);
    const share = way > STICK_REACH ? STICK_REACH / way : 1;
    this.root.style.transform = `translate(${stick.baseX}px, ${stick.baseY}px)`;
    this.knob.style.transform = `translate(${dx * share}px, ${dy * share}px)`;
  }
}
