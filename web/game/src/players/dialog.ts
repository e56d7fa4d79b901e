/** The frame around a panel: a title, a way out, and nothing behind it that could be reached. */

import { element } from '../hud/dom.ts';

/** One dialog over the page; it is gone when it is closed. */
export class Dialog {
  /** Called when it is gone, whoever closed it. */
  onClose: (() => void) | undefined;
  private readonly root = element('dialog', 'players');

  /** `kind` is a class of the style sheets, for one that looks different. */
  constructor(title: string, content: HTMLElement, kind?: string) {
    if (kind !== undefined) {
      this.root.classList.add(kind);
    }
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
    this.root.addEventListener('close', () => {
      this.root.remove();
      this.onClose?.();
    });
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
