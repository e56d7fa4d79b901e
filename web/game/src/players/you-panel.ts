/** One's own page: name, numbers, the way to another device, and the way out. */

import { isDeletedPlayer, type PlayerProfile } from '@battle-circles/sdk';
import { isNoStorage } from '../app/records.ts';
import { element, setText } from '../hud/dom.ts';
import { count } from '../hud/format.ts';
import { DeleteSection } from './delete-section.ts';
import { NameForm } from './name-form.ts';
import { OtherDevice } from './other-device.ts';
import type { OwnPlayer } from './own-player.ts';
import type { PanelContext } from './panel-context.ts';
import { pressable } from './question.ts';
import { section } from './section.ts';
import { dayText, recordsErrorText } from './words.ts';

const NOT_PLAYED = 'Your numbers appear here when you have finished a game.';

/** The panel's content. */
export class YouPanel {
  readonly root = element('div', 'you');
  private readonly numbers = element('dl', 'you-numbers');
  private readonly status = element('p', 'players-text');
  private readonly again = pressable('quiet-button players-act', 'Try again', () => this.load());
  private readonly name: NameForm;
  private readonly device: OtherDevice;
  private readonly deletion: DeleteSection;
  /** Tells the answer that is waited for from those about who played here before. */
  private turn = 0;

  constructor(
    private readonly player: OwnPlayer,
    private readonly context: PanelContext,
  ) {
    this.name = new NameForm(player, context, () => this.forget());
    this.device = new OtherDevice(player, () => {
      context.setName('');
      this.load();
    });
    this.deletion = new DeleteSection(player, () => {
      context.setName('');
      this.device.reset();
      this.load();
    });
    this.status.setAttribute('role', 'status');
    this.root.append(
      this.name.root,
      section('Your games', this.numbers, this.status, this.again),
      this.device.root,
      this.deletion.root,
    );
  }

  /** Asks the server for whoever plays here now. */
  load(): void {
    this.show(undefined, 'Loading…');
    this.name.reset();
    this.deletion.reset();
    void this.read();
  }

  private async read(): Promise<void> {
    this.turn += 1;
    const { turn } = this;
    try {
      const profile = await this.player.profile();
      if (turn === this.turn) {
        this.take(profile);
      }
    } catch (error) {
      if (turn === this.turn) {
        this.fail(error);
      }
    }
  }

  private take(profile: PlayerProfile | undefined): void {
    this.show(profile, profile === undefined ? NOT_PLAYED : '');
    if (profile !== undefined) {
      this.name.suggest(profile.name);
    }
  }

  private fail(error: unknown): void {
    this.show(undefined, recordsErrorText(error));
    this.again.hidden = isNoStorage(error) || isDeletedPlayer(error);
    if (isDeletedPlayer(error)) {
      this.device.reset();
    }
    if (isNoStorage(error)) {
      this.context.onNoStorage();
    }
  }

  /** Who played here was deleted on another device: its numbers and its code go. */
  private forget(): void {
    this.turn += 1;
    this.device.reset();
    this.show(undefined, NOT_PLAYED);
  }

  private show(profile: PlayerProfile | undefined, status: string): void {
    this.again.hidden = true;
    this.numbers.hidden = profile === undefined;
    this.numbers.replaceChildren(...(profile === undefined ? [] : numbersOf(profile)));
    setText(this.status, status);
  }
}

function numbersOf(profile: PlayerProfile): HTMLElement[] {
  return [
    figure('Played', count(profile.gamesPlayed)),
    figure('Won', count(profile.gamesWon)),
    figure('Points', count(profile.totalScore)),
    figure('First game', dayText(profile.firstSeen)),
    figure('Last game', dayText(profile.lastSeen)),
  ];
}

function figure(label: string, value: string): HTMLElement {
  const made = element('div', 'you-number');
  made.append(element('dt', '', label), element('dd', '', value));
  return made;
}
