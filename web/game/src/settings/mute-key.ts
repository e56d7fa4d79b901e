/** The M key, which silences the game and gives its sound back. */

import type { SettingsStore } from './settings.ts';

/** Listens until `signal` ends it; `say` tells what holds now. */
export function listenForMute(
  store: SettingsStore,
  signal: AbortSignal,
  say: (sentence: string) => void,
): void {
  window.addEventListener(
    'keydown',
    (event) => {
      const { key, repeat, target, ctrlKey, metaKey, altKey } = event;
      const isTyping = target instanceof HTMLInputElement && target.type === 'text';
      if (key.toLowerCase() !== 'm' || repeat || isTyping || ctrlKey || metaKey || altKey) {
        return;
      }
      const isMuted = !store.current.isMuted;
      store.change({ isMuted });
      say(isMuted ? 'Sound off' : 'Sound on');
    },
    { signal },
  );
}
