/**
 * The way on where the room that an address names doesn't take the player: its name can be mended,
 * and there is a button for any other room.
 */

import { element, setText } from '../hud/dom.ts';

/** Most characters of a room's name that the field takes. */
const MAX_ROOM = 32;

/** A field and a button below the start screen's message; hidden until they are of use. */
export class RoomChoice {
  private readonly root = element('div', 'start-choice');
  private readonly input = element('input', 'start-name');

  /** `onAnother` is called for a press of the button; the room is none then. */
  constructor(message: HTMLElement, onAnother: () => void) {
    const label = element('label', 'start-label', 'Room');
    label.htmlFor = 'room';
    this.input.id = 'room';
    this.input.type = 'text';
    this.input.maxLength = MAX_ROOM;
    this.input.autocomplete = 'off';
    this.input.spellcheck = false;
    const another = element('button', 'quiet-button');
    setText(another, 'Play in another room');
    another.type = 'button';
    another.addEventListener('click', () => {
      this.input.value = '';
      onAnother();
    });
    const row = element('div', 'start-row');
    row.append(this.input, another);
    this.root.append(label, row);
    this.root.hidden = true;
    message.after(this.root);
  }

  /** Offers it for this room. */
  offer(room: string): void {
    this.input.value = room;
    this.root.hidden = false;
  }

  withdraw(): void {
    this.root.hidden = true;
  }

  /** The room as it stands in the field; nothing where it is empty, and `given` where nothing was offered. */
  read(given: string | undefined): string | undefined {
    return this.root.hidden ? given : this.input.value.trim() || undefined;
  }
}
