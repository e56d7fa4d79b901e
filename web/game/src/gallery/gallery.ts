/**
 * A page for looking at every phase without a server:
 * `gallery.html?phase=playing&seed=1`. The development server serves it; no build contains it.
 */

import { EndScreen } from '../app/end-screen.ts';
import { Game } from '../app/game.ts';
import { RankToday } from '../app/rank-today.ts';
import { Session } from '../app/session.ts';
import { installTestHooks } from '../app/test-hooks.ts';
import { Room } from '../model/room.ts';
import { Timeline } from '../model/timeline.ts';
import { SettingsStore } from '../settings/settings.ts';
import { SettingsMenu } from '../settings/settings-menu.ts';
import { PretendClient } from './pretend-client.ts';
import { TUNING } from './pretend-pond.ts';
import { seededRandom } from './random.ts';
import { SCENES, scenario } from './scenarios.ts';

const given = new URLSearchParams(location.search);
const scene = scenario(SCENES.find((name) => name === given.get('phase')) ?? 'playing');
const room = new Room();
const client = new PretendClient(scene, seededRandom(Number(given.get('seed') ?? '1')), room);
const timeline = new Timeline();
timeline.reset(TUNING);
const session = new Session(client, timeline, room);
const parent = document.getElementById('game');
const canvas = document.getElementById('pond');
if (parent === null || !(canvas instanceof HTMLCanvasElement)) {
  throw new Error('the gallery page lacks its parts');
}
const rank = new RankToday(
  async () => ({ rank: 12, player: 'you', name: 'You', score: 3_400, games: 3, won: 1 }),
  async () => false,
);
const settings = new SettingsStore();
const menu = new SettingsMenu(settings, () => undefined);
const ways = {
  playElsewhere: () => undefined,
  leave: () => location.reload(),
  hasLeaderboard: () => true,
  openLeaderboard: () => undefined,
  toggleSettings: () => void menu.toggle(),
  gameBegins: () => undefined,
};
const game = await Game.create(session, parent, canvas, rank, ways, settings, false);
installTestHooks(session, () => game);
game.setInviteLink(`${location.origin}/?room=willow`);
game.start();
if (scene.ended !== undefined) {
  new EndScreen(document.body, () => location.reload()).show(scene.ended);
}
// For measuring from a debugger: nothing else on the page holds the game.
Object.assign(window, { galleryGame: game });
