/** The button that gives the seat up. It stands where thumbs are, so that it asks once more. */

import { element, setText } from './dom.ts';

/** How long it waits for the second press, in milliseconds. */
const PATIENCE = 3_000;

/** The button beside the invitation. */
export class Leave {
  readonly root = element('button', 'panel leave');
  private readonly label = element('span', 'leave-label', 'Leave');
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly onLeave: () => void) {
    this.root.type = 'button';
    this.root.setAttribute('aria-label', 'Leave');
    this.root.title = 'Leave the game';
    this.root.append(element('span', 'leave-icon'), this.label);
    this.root.addEventListener('click', () => this.press());
    this.root.addEventListener('blur', () => this.setAsking(false));
  }

  private press(): void {
    const isMeant = this.timer !== undefined;
    this.setAsking(!isMeant);
    if (isMeant) {
      this.onLeave();
    }
  }

  private setAsking(isAsking: boolean): void {
    clearTimeout(this.timer);
    this.timer = isAsking ? setTimeout(() => this.setAsking(false), PATIENCE) : undefined;
    const label = isAsking ? 'Leave the game?' : 'Leave';
    setText(this.label, label);
    this.root.setAttribute('aria-label', isAsking ? `${label} Press again to leave.` : label);
    this.root.classList.toggle('is-open', isAsking);
  }
}
