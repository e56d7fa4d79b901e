/** The card over the pond when there is no way back into the game but loading the page anew. */

import type { CloseCause } from '@battle-circles/sdk';
import { element, setText } from '../hud/dom.ts';
import { endText } from './closed-text.ts';

/** The page's last word. */
export class EndScreen {
  private readonly root = element('section', 'end');
  private readonly title = element('h2', 'end-title');
  private readonly sentence = element('p', 'end-text');
  private readonly button = element('button', 'main-button');

  /** `onAgain` is called once, when the player presses the button. */
  constructor(parent: HTMLElement, onAgain: () => void) {
    this.title.id = 'end-title';
    this.root.hidden = true;
    this.root.setAttribute('role', 'alertdialog');
    this.root.setAttribute('aria-modal', 'true');
    this.root.setAttribute('aria-labelledby', 'end-title');
    this.button.type = 'button';
    this.button.addEventListener('click', onAgain, { once: true });
    const card = element('div', 'panel end-card');
    card.append(this.title, this.sentence, this.button);
    this.root.append(card);
    parent.append(this.root);
  }

  show(reason: CloseCause): void {
    const { title, sentence, button } = endText(reason);
    setText(this.title, title);
    setText(this.sentence, sentence);
    setText(this.button, button);
    this.root.hidden = false;
    this.button.focus();
  }
}
