/** The dash: when it is ready again, and a button for thumbs. */

import type { Motion, MovementTuning } from '../model/movement.ts';
import { canDash } from '../model/movement.ts';
import { element } from './dom.ts';

/** The button at the right edge. */
export class DashButton {
  readonly root = element('button', 'dash-button');

  constructor(onPress: () => void) {
    this.root.type = 'button';
    this.root.append(element('span', 'dash-label', 'Dash'), element('span', 'dash-key', 'Space'));
    this.root.title = 'Dash: a burst that costs some of your mass (Space, right mouse button)';
    this.root.setAttribute('aria-keyshortcuts', 'Space');
    // At the press and not at its end, for a dash is wanted at once.
    this.root.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      onPress();
    });
    // A screen reader or the Enter key makes no pointer.
    this.root.addEventListener('click', ({ detail }) => {
      if (detail === 0) {
        onPress();
      }
    });
  }

  /** Without a circle there is nothing to dash with. */
  update(own: Motion | undefined, tuning: MovementTuning | undefined): void {
    this.root.hidden = own === undefined || tuning === undefined;
    if (own === undefined || tuning === undefined) {
      return;
    }
    const ready = 1 - own.cooldown / Math.max(1, tuning.dashCooldown);
    this.root.style.setProperty('--ready', ready.toFixed(2));
    const isReady = canDash(own, tuning);
    this.root.classList.toggle('is-ready', isReady);
    this.root.setAttribute('aria-disabled', String(!isReady));
  }
}
