/** The button beside the invitation that opens the settings. */

import { element } from '../hud/dom.ts';

/** Makes it. */
export function settingsButton(open: () => void): HTMLButtonElement {
  const root = element('button', 'panel settings-button');
  root.type = 'button';
  root.setAttribute('aria-label', 'Settings');
  root.setAttribute('aria-haspopup', 'dialog');
  root.title = 'Settings';
  root.append(element('span', 'settings-icon'));
  root.addEventListener('click', open);
  return root;
}
