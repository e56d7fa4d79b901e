/** The panels about players, which the page loads when one is wanted. */

import '../style/players.css';
import { readLeaderboard } from '@battle-circles/sdk';
import { Dialog } from './dialog.ts';
import { LeaderboardPanel } from './leaderboard-panel.ts';
import { OwnPlayer } from './own-player.ts';
import type { PanelContext } from './panel-context.ts';
import { Ranking } from './ranking.ts';
import { YouPanel } from './you-panel.ts';

/** Shows who has the most points. */
export function openLeaderboard(context: PanelContext): Dialog {
  const { origin, store, room } = context;
  const ranking = new Ranking((query) =>
    readLeaderboard(origin, { ...query, player: store.current().player }),
  );
  // The server has rooms in lower case, however a link spells them.
  const panel = new LeaderboardPanel(ranking, room?.toLowerCase(), () => store.current().player);
  panel.onNoStorage = () => context.onNoStorage();
  const dialog = new Dialog('Leaderboard', panel.root);
  dialog.open();
  panel.load();
  return dialog;
}

/** Shows who plays here, and what can be done about it. */
export function openYou(context: PanelContext): Dialog {
  const panel = new YouPanel(new OwnPlayer(context.origin, context.store), context);
  const dialog = new Dialog('You', panel.root);
  dialog.open();
  panel.load();
  return dialog;
}
