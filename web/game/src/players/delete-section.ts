/** The way out: all that the server keeps of one is deleted. */

import { element } from '../hud/dom.ts';
import type { OwnPlayer } from './own-player.ts';
import { pressable, Question } from './question.ts';
import { Notice, section } from './section.ts';
import { recordsErrorText } from './words.ts';

/** The section. */
export class DeleteSection {
  readonly root: HTMLElement;
  private readonly asker = element('div', '');
  private readonly notice = new Notice();

  /** `deleted` is called when somebody new plays here. */
  constructor(
    private readonly player: OwnPlayer,
    private readonly deleted: () => void,
  ) {
    const button = pressable('quiet-button is-danger players-act', 'Delete me', () =>
      question.ask(this.asker),
    );
    this.asker.append(button);
    const question = new Question(
      {
        question:
          'Your name, your points and your places on the leaderboard are deleted from this server for good, for all your devices. In the games of others your place stays, without a name. Delete them?',
        yes: 'Delete for good',
        no: 'Keep them',
      },
      () => this.delete(),
    );
    this.root = section('Delete me', this.asker, question.root, this.notice.root);
  }

  /** For whoever plays here now. */
  reset(): void {
    this.notice.say('');
  }

  private async delete(): Promise<void> {
    try {
      await this.player.delete();
      this.deleted();
      this.notice.say('Deleted. You are somebody new from now on.');
    } catch (error) {
      this.notice.say(`${recordsErrorText(error)} Nothing is deleted yet.`, true);
    }
  }
}
