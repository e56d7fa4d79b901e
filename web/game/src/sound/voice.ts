/** The game's voice: the engine, and the hand's shaking, as the player's settings have them. */

import type { SettingsStore } from '../settings/settings.ts';
import { SoundEngine } from './engine.ts';
import type { SoundName } from './sounds.ts';
import { vibrate, vibrationFor } from './vibration.ts';

/** Presses that a browser lets a page sound after; a touch counts at its end. */
const PRESSES = ['pointerup', 'click', 'keydown', 'touchend'] as const;

/** Speaks while the page is seen and the player wants it. */
export class Voice {
  private engine: SoundEngine | undefined;
  private readonly listening = new AbortController();
  private readonly release: () => void;

  /** `isCalm` says whether nothing is to shake. */
  constructor(
    private readonly store: SettingsStore,
    private readonly isCalm: () => boolean,
  ) {
    const { signal } = this.listening;
    for (const press of PRESSES) {
      window.addEventListener(press, () => this.wake(), { signal, capture: true, passive: true });
    }
    document.addEventListener('visibilitychange', () => this.settle(), { signal });
    // The press that gives the sound back was heard while it was still off.
    this.release = store.onChange(() => {
      this.wake();
      this.settle();
    });
  }

  /** Plays a sound, at this many times its pitch and its gain. */
  readonly play = (sound: SoundName, pitch = 1, gain = 1): void => {
    if (this.isWanted) {
      this.engine?.play(sound, pitch, gain);
    }
    const pattern = vibrationFor(sound);
    if (pattern !== undefined && this.store.current.vibrates && !this.isCalm()) {
      vibrate(pattern);
    }
  };

  dispose(): void {
    this.listening.abort();
    this.release();
    this.engine?.setAwake(false);
  }

  private get isWanted(): boolean {
    return !this.store.current.isMuted && document.visibilityState === 'visible';
  }

  /** In a press: the only time that an engine may be made. */
  private wake(): void {
    if (!this.isWanted || this.engine?.isAwake === true) {
      return;
    }
    // Escape and the like are presses that a browser doesn't count.
    if (navigator.userActivation?.isActive === false) {
      return;
    }
    this.engine ??= makeEngine();
    this.settle();
  }

  private settle(): void {
    this.engine?.setAwake(this.isWanted);
    this.engine?.setVolume(this.store.current.volume);
  }
}

/** Nothing where the browser has no sound, or no device for it. */
function makeEngine(): SoundEngine | undefined {
  try {
    return new SoundEngine();
  } catch {
    return undefined;
  }
}
