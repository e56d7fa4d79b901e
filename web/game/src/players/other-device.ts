/** The same player on another device: one's own code to show, and another's to enter. */

import { copyText, element, setText } from '../hud/dom.ts';
import type { OwnPlayer } from './own-player.ts';
import { pressable, Question } from './question.ts';
import { Notice, section } from './section.ts';
import { adoptErrorText } from './words.ts';

const CONFIRM_TIME = 1_800;

/** The section. */
export class OtherDevice {
  readonly root: HTMLElement;
  private readonly show: HTMLButtonElement;
  private readonly shown = element('div', 'code-shown');
  private readonly code = element('code', 'code');
  private readonly copy: HTMLButtonElement;
  private readonly input = element('input', 'players-input code-input');
  private readonly form = element('form', 'players-row');
  private readonly notice = new Notice();
  private readonly question: Question;

  /** `adopted` is called when another player plays here. */
  constructor(
    private readonly player: OwnPlayer,
    private readonly adopted: () => void,
  ) {
    this.show = pressable('quiet-button players-act', 'Show my code', () => this.setShown(true));
    this.copy = pressable('quiet-button', 'Copy', () => void this.copyCode());
    this.shown.append(this.code, this.copy);
    this.question = new Question(
      {
        question:
          'Who you are on this device now stays on the leaderboard, but only its code brings you back to it. Have you kept that code?',
        yes: 'Yes, change over',
        no: 'Not yet',
      },
      () => this.adopt(),
    );
    const hint = element(
      'p',
      'players-text',
      'Enter your code there, and your points and name come along. Whoever has it plays as you, so show it to nobody else.',
    );
    this.root = section(
      'Play as me on another device',
      hint,
      this.show,
      this.shown,
      this.entry(),
      this.question.root,
      this.notice.root,
    );
    this.reset();
  }

  /** As on a first look, for whoever plays here now. */
  reset(): void {
    this.input.value = '';
    this.notice.say('');
    this.setShown(false);
  }

  private entry(): HTMLElement {
    const { input, form } = this;
    input.type = 'text';
    input.autocomplete = 'off';
    input.autocapitalize = 'characters';
    input.spellcheck = false;
    input.id = 'players-code';
    input.addEventListener('input', () => this.notice.say(''));
    const label = element('label', 'players-label', 'A code from another device');
    label.htmlFor = input.id;
    form.append(input, element('button', 'quiet-button', 'Use it'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.enter();
    });
    const entry = element('div', 'code-entry');
    entry.append(label, form);
    return entry;
  }

  /** A secret is on the screen only while it is wanted, and in the page no longer either. */
  private setShown(isShown: boolean): void {
    this.show.hidden = isShown;
    this.shown.hidden = !isShown;
    const groups = isShown ? this.player.code.split('-') : [];
    this.code.replaceChildren(...groups.map((group) => element('span', 'code-group', group)));
    if (isShown) {
      this.copy.focus();
    }
  }

  private async copyCode(): Promise<void> {
    const isCopied = await copyText(this.player.code);
    setText(this.copy, isCopied ? 'Copied' : 'Copy it by hand');
    setTimeout(() => setText(this.copy, 'Copy'), CONFIRM_TIME);
  }

  private enter(): void {
    try {
      const isOther = this.player.isOther(this.input.value);
      if (!isOther) {
        this.notice.say('This device plays as that player already.');
      } else if (this.player.isKnown) {
        this.notice.say('');
        this.question.ask(this.form);
      } else {
        void this.adopt();
      }
    } catch (error) {
      this.fail(error);
    }
  }

  private async adopt(): Promise<void> {
    this.notice.say('Checking the code…');
    try {
      await this.player.adopt(this.input.value);
      this.reset();
      this.notice.say('Done. This device plays as that player now.');
      this.adopted();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.notice.say(adoptErrorText(error), true);
    this.input.focus();
  }
}
