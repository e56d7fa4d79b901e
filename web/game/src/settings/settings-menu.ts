/** The way to the settings from anywhere: one dialog, loaded when it is wanted first. */

import type { SettingsStore } from './settings.ts';

/** Opens and closes the settings. */
export class SettingsMenu {
  private close: (() => void) | undefined;
  private isOpening = false;

  /** `say` tells the player where the dialog can't be loaded. */
  constructor(
    private readonly store: SettingsStore,
    private readonly say: (sentence: string) => void,
  ) {}

  async toggle(): Promise<void> {
    if (this.close !== undefined) {
      this.close();
    } else if (!this.isOpening) {
      this.isOpening = true;
      await this.open();
      this.isOpening = false;
    }
  }

  private async open(): Promise<void> {
    try {
      const { openSettings } = await import('./settings-panel.ts');
      const dialog = openSettings(this.store, () => {
        this.close = undefined;
      });
      this.close = () => dialog.close();
    } catch {
      this.say('The settings can’t be loaded. Check your connection and try again.');
    }
  }
}
