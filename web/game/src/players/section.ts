/** The parts that sections of one's own page share: a heading, and a line that says what came of it. */

import { element, setText } from '../hud/dom.ts';

/** A section under a heading. */
export function section(title: string, ...content: readonly Node[]): HTMLElement {
  const made = element('section', 'players-section');
  made.append(element('h3', 'players-heading', title), ...content);
  return made;
}

/** Says what came of a press, also to who doesn't see it. */
export class Notice {
  readonly root = element('p', 'players-notice');

  constructor() {
    this.root.setAttribute('role', 'status');
  }

  say(sentence: string, isError = false): void {
    this.root.classList.toggle('is-error', isError);
    setText(this.root, sentence);
  }
}
