/**
 * The start screen's ways to the leaderboard and to one's own page. They are there where the server
 * keeps records; what they open is loaded when it is wanted.
 */

import type { PanelContext } from '../players/panel-context.ts';

/** The two buttons that `index.html` holds. */
export class RecordsMenu {
  /** `root` is their row; `say` tells the player a sentence. */
  constructor(
    private readonly root: HTMLElement,
    private readonly context: PanelContext,
    private readonly say: (sentence: string) => void,
  ) {
    const [leaderboard, you] = root.querySelectorAll('button');
    leaderboard?.addEventListener('click', () => void this.open('openLeaderboard'));
    you?.addEventListener('click', () => void this.open('openYou'));
  }

  /** Once it is known whether there are records: the buttons come, or their place goes. */
  settle(isThere: boolean): void {
    this.root.hidden = !isThere;
    this.root.classList.remove('is-unsettled');
  }

  private async open(which: 'openLeaderboard' | 'openYou'): Promise<void> {
    try {
      const panels = await import('../players/panels.ts');
      panels[which](this.context);
    } catch {
      this.say('This part of the page can’t be loaded. Check your connection and try again.');
    }
  }
}
