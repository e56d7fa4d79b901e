/** Opening files, by picker or by dropping them on the page, and the card there before the first. */

import { element, setText } from '../hud/dom.ts';

/** The card, the picker and the page as a place to drop files. */
export class Opener {
  readonly card = element('section', 'panel replay-card');
  private readonly picker = element('input', 'sr-only');
  private readonly message = element('p', 'replay-message');

  /** `open` is called with each file, one after the other. */
  constructor(
    private readonly page: HTMLElement,
    private readonly open: (file: File) => Promise<void>,
  ) {
    this.picker.type = 'file';
    this.picker.multiple = true;
    this.picker.tabIndex = -1;
    this.picker.setAttribute('aria-label', 'File to open');
    this.picker.addEventListener('change', () => {
      void this.openAll([...(this.picker.files ?? [])]);
      this.picker.value = '';
    });
    this.message.setAttribute('role', 'alert');
    this.fillCard();
    page.append(this.picker);
    this.takeDrops();
  }

  /** Asks for a file. */
  pick(): void {
    this.picker.click();
  }

  /** Says on the card what is wrong with a file. */
  say(sentence: string): void {
    setText(this.message, sentence);
  }

  private fillCard(): void {
    const title = element('h1', 'replay-card-title', 'Replay');
    const text = element(
      'p',
      'replay-card-text',
      'Watch a finished match again, through anybody’s eyes. Drop its view file here, or open it.',
    );
    const button = element('button', 'main-button', 'Open a file');
    button.type = 'button';
    button.addEventListener('click', () => this.pick());
    const back = element('a', 'quiet-button replay-back', 'Back');
    back.href = '.';
    const row = element('div', 'replay-card-row');
    row.append(button, back);
    const hint = element('p', 'replay-card-hint', 'The server’s operator makes one:');
    const command = element(
      'code',
      'replay-command',
      'battle-circles replay FILE --view OUT.bcview',
    );
    this.card.append(title, text, row, this.message, hint, command);
  }

  private takeDrops(): void {
    const { page } = this;
    page.addEventListener('dragover', (event) => {
      event.preventDefault();
      page.classList.add('is-dropping');
    });
    page.addEventListener('dragleave', (event) => {
      if (event.relatedTarget === null) {
        page.classList.remove('is-dropping');
      }
    });
    page.addEventListener('drop', (event) => {
      event.preventDefault();
      page.classList.remove('is-dropping');
      void this.openAll([...(event.dataTransfer?.files ?? [])]);
    });
  }

  private async openAll(files: readonly File[]): Promise<void> {
    for (const file of files) {
      await this.open(file);
    }
  }
}
