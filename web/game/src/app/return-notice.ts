/** What stands in the start screen's place while the page goes back to its seat. */

import { element } from '../hud/dom.ts';

/** A line that turns, and a button that gives the return up. */
export class ReturnNotice {
  private readonly cancel = element('button', 'quiet-button', 'Go to the start screen');

  /** `root` is the page's line. */
  constructor(
    private readonly root: HTMLElement,
    onCancel: () => void,
  ) {
    const line = element('span', 'is-waiting', root.textContent ?? '');
    this.cancel.type = 'button';
    this.cancel.addEventListener('click', onCancel);
    root.replaceChildren(line, this.cancel);
  }

  setShown(isShown: boolean): void {
    this.root.hidden = !isShown;
  }
}
