/** The dialog with the player's choices, which the page loads when it is wanted. */

import '../style/players.css';
import '../style/settings.css';
import { element, setText } from '../hud/dom.ts';
import { Dialog } from '../players/dialog.ts';
import { hasFullScreen, toggleFullScreen } from './full-screen.ts';
import type { Settings, SettingsStore } from './settings.ts';

/** Opens it; `closed` is called when it is gone, however that came. */
export function openSettings(store: SettingsStore, closed: () => void): Dialog {
  const panel = new SettingsPanel(store);
  const dialog = new Dialog('Settings', panel.root, 'is-low');
  dialog.onClose = () => {
    panel.dispose();
    closed();
  };
  dialog.open();
  return dialog;
}

/** The choices that are yes or no. */
type Choice = 'vibrates' | 'isCalm';

class SettingsPanel {
  readonly root = element('div', 'settings');
  private readonly sound = element('input', 'switch');
  private readonly volume = element('input', 'settings-volume');
  private readonly fullScreen = element('button', 'quiet-button');
  private readonly listening = new AbortController();
  private readonly release: () => void;

  constructor(private readonly store: SettingsStore) {
    this.sound.addEventListener('change', () => store.change({ isMuted: !this.sound.checked }));
    this.root.append(row('Sound', 'M', this.sound), this.volumeRow());
    if ('vibrate' in navigator) {
      this.root.append(this.choice('Vibration', 'vibrates'));
    }
    this.root.append(this.choice('Calm picture', 'isCalm'));
    if (hasFullScreen()) {
      this.root.append(this.fullScreenRow());
    }
    this.root.append(keys());
    this.show(store.current);
    this.release = store.onChange((settings) => this.show(settings));
  }

  dispose(): void {
    this.release();
    this.listening.abort();
  }

  /** Also what the M key has changed meanwhile. */
  private show({ isMuted, volume }: Settings): void {
    asSwitch(this.sound, !isMuted);
    this.volume.valueAsNumber = Math.round(volume * 100);
  }

  private volumeRow(): HTMLElement {
    const { volume, store } = this;
    volume.type = 'range';
    volume.max = '100';
    volume.step = '5';
    // Who turns it up wants to hear something.
    volume.addEventListener('input', () =>
      store.change({ volume: volume.valueAsNumber / 100, isMuted: volume.valueAsNumber === 0 }),
    );
    return row('Volume', '', volume);
  }

  private choice(name: string, choice: Choice): HTMLElement {
    const input = element('input', 'switch');
    asSwitch(input, this.store.current[choice]);
    input.addEventListener('change', () => this.store.change({ [choice]: input.checked }));
    return row(name, '', input);
  }

  private fullScreenRow(): HTMLElement {
    const { fullScreen } = this;
    const show = (): void =>
      setText(
        fullScreen,
        document.fullscreenElement === null ? 'Full screen' : 'Leave full screen',
      );
    fullScreen.type = 'button';
    fullScreen.addEventListener('click', () => void toggleFullScreen());
    document.addEventListener('fullscreenchange', show, { signal: this.listening.signal });
    show();
    return fullScreen;
  }
}

/** A line with its name, the key that does the same, and what is pressed; all of it takes the press. */
function row(name: string, key: string, input: HTMLElement): HTMLElement {
  const made = element('label', 'settings-row');
  made.append(element('span', 'settings-name', name));
  if (key !== '') {
    const shown = element('kbd', 'settings-key', key);
    shown.setAttribute('aria-hidden', 'true');
    made.append(shown);
  }
  made.append(input);
  return made;
}

function asSwitch(input: HTMLInputElement, isOn: boolean): void {
  input.type = 'checkbox';
  input.setAttribute('role', 'switch');
  input.checked = isOn;
}

function keys(): HTMLElement {
  return element(
    'p',
    'settings-help',
    'A gamepad steers with its left stick or its cross. Start opens the settings.',
  );
}
