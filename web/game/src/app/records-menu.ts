/**
 * The start screen's ways to the leaderboard and to one's own page. They are there where the server
 * keeps records; what they open is loaded when it is wanted.
 */

import type { PanelContext } from '../players/panel-context.ts';

/** A panel's way in, as `panels.ts` has it. */
export type PanelName = 'openLeaderboard' | 'openYou';

/** Loads a panel and opens it; `say` tells the player where that fails. Gives what closes it. */
export async function openPanel(
  name: PanelName,
  context: PanelContext,
  say: (sentence: string) => void,
): Promise<(() => void) | undefined> {
  try {
    const panels = await import('../players/panels.ts');
    const dialog = panels[name](context);
    return () => dialog.close();
  } catch {
    say('This part of the page can’t be loaded. Check your connection and try again.');
    return undefined;
  }
}

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

  private async open(name: PanelName): Promise<void> {
    await openPanel(name, this.context, this.say);
  }
}
