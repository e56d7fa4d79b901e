/** A question before what can't be taken back, in place of the button that asked for it. */

import { element, setText } from '../hud/dom.ts';

/** The words of one question. */
export interface QuestionWords {
  readonly question: string;
  readonly yes: string;
  readonly no: string;
}

/** One question; hidden until it is asked. */
export class Question {
  readonly root = element('div', 'question');
  private readonly yes: HTMLButtonElement;
  private readonly no: HTMLButtonElement;
  private readonly words: QuestionWords;
  private asker: HTMLElement | undefined;

  /** `act` is called after each yes; it must not throw. */
  constructor(words: QuestionWords, act: () => Promise<void> | void) {
    this.words = words;
    this.root.hidden = true;
    this.root.setAttribute('role', 'group');
    this.root.setAttribute('aria-label', words.question);
    this.no = pressable('quiet-button', words.no, () => this.close());
    this.yes = pressable('quiet-button is-danger', words.yes, () => void this.run(act));
    const answers = element('div', 'players-row');
    answers.append(this.no, this.yes);
    this.root.append(element('p', 'question-text', words.question), answers);
  }

  /** Takes the place of `asker`, the part with the button, until there is an answer. */
  ask(asker: HTMLElement): void {
    this.asker = asker;
    asker.hidden = true;
    this.root.hidden = false;
    this.no.focus();
  }

  /** Gives the asker its place back. */
  close(): void {
    const { asker } = this;
    this.root.hidden = true;
    if (asker !== undefined) {
      asker.hidden = false;
      asker.querySelector('button')?.focus();
    }
  }

  private async run(act: () => Promise<void> | void): Promise<void> {
    this.yes.disabled = true;
    setText(this.yes, 'One moment…');
    await act();
    this.yes.disabled = false;
    setText(this.yes, this.words.yes);
    this.close();
  }
}

/** A button with a label and what it does. */
export function pressable(className: string, label: string, press: () => void): HTMLButtonElement {
  const made = element('button', className, label);
  made.type = 'button';
  made.addEventListener('click', press);
  return made;
}
