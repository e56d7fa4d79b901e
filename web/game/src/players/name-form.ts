/** One's name: for the next game, and on the leaderboard at once. */

import { isDeletedPlayer } from '@battle-circles/sdk';
import { cleanName } from '../app/player-name.ts';
import { element } from '../hud/dom.ts';
import type { OwnPlayer } from './own-player.ts';
import type { PanelContext } from './panel-context.ts';
import { Notice, section } from './section.ts';
import { recordsErrorText } from './words.ts';

/** The form. */
export class NameForm {
  readonly root: HTMLElement;
  private readonly input = element('input', 'players-input');
  private readonly notice = new Notice();

  /** `deleted` is called when it comes out that the player was deleted on another device. */
  constructor(
    private readonly player: OwnPlayer,
    private readonly context: Pick<PanelContext, 'name' | 'setName'>,
    private readonly deleted: () => void,
  ) {
    const { input } = this;
    input.type = 'text';
    input.maxLength = 16;
    input.setAttribute('autocomplete', 'nickname');
    input.spellcheck = false;
    input.setAttribute('aria-label', 'Your name');
    const save = element('button', 'quiet-button', 'Rename');
    const form = element('form', 'players-row');
    form.append(input, save);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.save();
    });
    this.root = section('Name', form, this.notice.root);
    this.reset();
  }

  /** Shows the page's name. */
  reset(): void {
    this.input.value = this.context.name();
    this.notice.say('');
  }

  /** The name on the leaderboard, for a page that has none. What is typed in meanwhile stays. */
  suggest(known: string): void {
    if (this.input.value === '') {
      this.input.value = known;
    }
    if (this.context.name() === '') {
      this.context.setName(known);
    }
  }

  private async save(): Promise<void> {
    const name = cleanName(this.input.value);
    this.input.value = name;
    if (name === '') {
      this.notice.say('Type a name first.', true);
      return;
    }
    this.notice.say('Saving…');
    try {
      const profile = await this.player.rename(name);
      this.context.setName(name);
      this.notice.say(profile === undefined ? 'Your next game is played with it.' : 'Renamed.');
    } catch (error) {
      this.notice.say(recordsErrorText(error), true);
      if (isDeletedPlayer(error)) {
        this.deleted();
      }
    }
  }
}
