/** The start screen: a name, a button, and one clear sentence when it doesn't work out. */

import { element } from '../hud/dom.ts';
import { cleanName, inventName, recallName, rememberName, settleName } from './player-name.ts';
import { RoomChoice } from './room-choice.ts';

/** What the start screen's controls do. */
export interface StartActions {
  /** Joins by a name that is fit to join with; `room` is absent for any. */
  play(name: string, room: string | undefined): void;
  /** Gives the try to join up. */
  cancel(): void;
}

/** The form that `index.html` holds. */
export class StartScreen {
  private readonly form: HTMLFormElement;
  private readonly input: HTMLInputElement;
  private readonly button: HTMLButtonElement;
  private readonly cancel = element('button', 'quiet-button', 'Cancel');
  private readonly message: HTMLElement;
  private readonly choice: RoomChoice;
  /** The room to join; absent for any. */
  private room: string | undefined;

  /** `root` is the page's start section. */
  constructor(
    private readonly root: HTMLElement,
    actions: StartActions,
  ) {
    this.form = find(root, 'form', HTMLFormElement);
    this.input = find(root, 'input', HTMLInputElement);
    this.button = find(root, 'button', HTMLButtonElement);
    this.message = find(root, '.start-message', HTMLElement);
    this.choice = new RoomChoice(this.message, () => {
      this.setPlace(undefined, undefined);
      this.submit();
    });
    this.cancel.type = 'button';
    this.cancel.hidden = true;
    this.cancel.addEventListener('click', () => actions.cancel());
    this.button.after(this.cancel);
    this.input.placeholder = inventName(Math.random);
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      const name = settleName(this.input.value, this.input.placeholder);
      this.input.value = name;
      this.room = this.choice.read(this.room);
      actions.play(name, this.room);
    });
  }

  /** Fills in the name: the address's, or that of the last visit. */
  setName(name: string | undefined): void {
    this.input.value = name === undefined ? recallName() : cleanName(name);
  }

  /** The name that is typed in; empty where there is none. */
  get name(): string {
    return cleanName(this.input.value);
  }

  /** The player has another name from now on, also at the next visit; an empty one is drawn anew. */
  rename(name: string): void {
    this.input.placeholder = inventName(Math.random);
    this.setName(name);
    rememberName(this.name);
  }

  /** Says where the address leads to: which room, and on which server of another's. */
  setPlace(room: string | undefined, server: string | undefined): void {
    this.room = room;
    const line = find(this.root, '.start-room', HTMLElement);
    line.textContent = placeText(room, server);
  }

  /** Says something that doesn't keep anybody from playing. */
  say(sentence: string): void {
    this.message.textContent = sentence;
  }

  /** Presses the button. */
  submit(): void {
    this.form.requestSubmit();
  }

  /** Takes no more presses until the try has ended. */
  setBusy(isBusy: boolean): void {
    this.button.disabled = isBusy;
    this.button.textContent = isBusy ? 'Joining…' : 'Play';
    this.button.classList.toggle('is-waiting', isBusy);
    this.cancel.hidden = !isBusy;
    this.input.readOnly = isBusy;
    if (isBusy) {
      this.message.textContent = '';
      this.choice.withdraw();
      this.cancel.focus();
    }
  }

  /** As before the try that was given up. */
  resume(): void {
    this.setBusy(false);
    this.message.textContent = '';
    this.show();
    this.button.focus();
  }

  /** Is there as on a first visit. */
  show(): void {
    this.root.hidden = false;
  }

  /** Comes back with a sentence on what went wrong; `isRoomsFault`: whether another room may do. */
  fail(sentence: string, isRoomsFault: boolean): void {
    this.setBusy(false);
    this.show();
    this.message.textContent = sentence;
    if (isRoomsFault && this.room !== undefined) {
      this.choice.offer(this.room);
    }
    this.button.focus();
  }

  /** Gives the page to the game. */
  hide(): void {
    this.input.blur();
    this.root.hidden = true;
  }
}

/** What the start screen says of the place that an address names. */
export function placeText(room: string | undefined, server: string | undefined): string {
  const parts = [
    room === undefined ? undefined : `You join the room “${room}”.`,
    server === undefined ? undefined : `The server is ${server}.`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** For a page that can't play at all: the sentence, and a button that does nothing. */
export function refuseToStart(root: HTMLElement | null, sentence: string): void {
  if (root !== null) {
    find(root, 'button', HTMLButtonElement).disabled = true;
    find(root, '.start-message', HTMLElement).textContent = sentence;
  }
}

function find<Kind extends HTMLElement>(
  root: HTMLElement,
  selector: string,
  kind: new () => Kind,
): Kind {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) {
    throw new Error(`the page lacks ${selector}`);
  }
  return found;
}
