/**
 * Says that another session is being fetched, for how long it is still tried, and gives a way out to
 * who doesn't want to wait. A loss that is mended at once needs no card: the banner speaks of it.
 */

import type { Returning, Status } from '@battle-circles/sdk';
import { element, setText } from './dom.ts';

/** So long the client tries before it gives up, in milliseconds: the SDK's `AnswerDeadline`. */
const PATIENCE_MS = 120_000;

/** A loss is mostly mended sooner, in milliseconds. */
const QUICK_MS = 4_000;

const WORDS: Readonly<Record<Returning, readonly [title: string, text: string]>> = {
  restart: [
    'The server restarts',
    'You will be back in this room by yourself as soon as it is there.',
  ],
  lost: [
    'Connection lost',
    'The server has not been found again yet. You will be back by yourself when it is.',
  ],
};

/** The card in the middle. */
export class ReturnCard {
  readonly root = element('section', 'panel return-card');
  private readonly title = element('h2', 'return-title is-waiting');
  private readonly text = element('p', 'return-text');
  private readonly left = element('p', 'return-left');
  private since: number | undefined;

  constructor(onLeave: () => void) {
    this.title.id = 'return-title';
    this.root.setAttribute('aria-labelledby', this.title.id);
    this.root.hidden = true;
    const words = element('div', '');
    words.setAttribute('role', 'status');
    words.append(this.title, this.text);
    const leave = element('button', 'quiet-button', 'Go to the start screen');
    leave.type = 'button';
    leave.addEventListener('click', onLeave);
    this.root.append(words, this.left, leave);
  }

  /** `now` in milliseconds. */
  update({ returning }: Pick<Status, 'returning'>, now: number): void {
    if (returning === undefined) {
      this.since = undefined;
      this.root.hidden = true;
      return;
    }
    this.since ??= now;
    const waited = now - this.since;
    this.root.hidden = !isCardDue(returning, waited);
    const [title, text] = WORDS[returning];
    setText(this.title, title);
    setText(this.text, text);
    setText(this.left, leftText(waited));
  }
}

/** Whether who has waited for so long is told more than the banner says. */
export function isCardDue(returning: Returning, waited: number): boolean {
  return returning === 'restart' || waited >= QUICK_MS;
}

/** For how long it is still tried, in words. */
export function leftText(waited: number): string {
  const seconds = Math.max(0, Math.ceil((PATIENCE_MS - waited) / 1_000));
  return `Trying about once a second, for ${seconds} s more.`;
}
