/** The frame around a panel: a title, a way out, and nothing behind it that could be reached. */

import { element } from '../hud/dom.ts';

/** One dialog over the start screen; it is gone when it is closed. */
export class Dialog {
  private readonly root = element('dialog', 'players');

  constructor(title: string, content: HTMLElement) {
    const heading = element('h2', 'players-title', title);
    heading.id = 'players-title';
    this.root.setAttribute('aria-labelledby', heading.id);
    const close = element('button', 'icon-button', '×');
    close.type = 'button';
    close.setAttribute('aria-label', 'Close');
    close.addEventListener('click', () => this.root.close());
    const head = element('header', 'players-head');
    head.append(heading, close);
    const card = element('div', 'players-card');
    card.append(head, content);
    this.root.append(card);
    this.root.addEventListener('click', ({ target }) => {
      if (target === this.root) {
        this.root.close();
      }
    });
    this.root.addEventListener('close', () => this.root.remove());
  }

  /** Opens it; the browser leads the focus in, and back out at the end. */
  open(): void {
    document.body.append(this.root);
    this.root.showModal();
  }

  close(): void {
    this.root.close();
  }
}
