/** A gamepad's buttons outside of the pond: they lead through dialogs and the results. */

import type { PadButtons } from '../input/gamepad.ts';
import type { Session } from './session.ts';
import type { WaysOut } from './ways-out.ts';

/** Does what a button that went down means now. A dialog that is open has all of them. */
export function takePadButton(
  button: Exclude<keyof PadButtons, 'dash'>,
  session: Session,
  ways: WaysOut,
): void {
  const dialog = document.querySelector<HTMLDialogElement>('dialog[open]');
  const isOver = session.room.phase.phase === 'results';
  if (dialog !== null) {
    if (button !== 'confirm') {
      dialog.close();
    }
  } else if (button === 'start') {
    ways.toggleSettings();
  } else if (button === 'confirm' && isOver) {
    session.ready();
  } else if (button === 'back' && isOver) {
    ways.leave();
  }
}
