/** The page's entry: start screen first, then the session, then the drawing part, loaded meanwhile. */

import './style/main.css';
import { BattleClient, type ClosedEvent } from '@battle-circles/sdk';
import { closedText, joinErrorText } from './app/closed-text.ts';
import type { Game } from './app/game.ts';
import { addressWithRoom, inviteLink, readParameters } from './app/parameters.ts';
import { Session } from './app/session.ts';
import { StartScreen } from './app/start-screen.ts';
import { installTestHooks } from './app/test-hooks.ts';
import { createAdapter } from './model/adapter.ts';
import { Timeline } from './model/timeline.ts';

const parameters = readParameters(location.search);
const timeline = new Timeline();
const client = new BattleClient({
  adapter: createAdapter(timeline),
  rung: parameters.rung,
  link: parameters.link,
});
const session = new Session(client, timeline);
const drawing = import('./app/game.ts');
let game: Game | undefined;

const page = byId('game');
const canvas = byId('pond') as HTMLCanvasElement;
const startScreen = new StartScreen(byId('start'), (name) => void play(name));
startScreen.setName(parameters.name);
startScreen.setRoom(parameters.room);
installTestHooks(session, () => game);
session.onWelcome = (room) => {
  history.replaceState(null, '', addressWithRoom(location.href, room));
  game?.setInviteLink(inviteLink(location.href, room));
};
client.on('closed', showEnd);
client.prepare();
// A page that goes away for good gives its seat up; one that only sleeps keeps it.
window.addEventListener('pagehide', (event) => {
  if (!event.persisted) {
    client.leave();
  }
});
if (parameters.isAutoplay) {
  startScreen.submit();
}

async function play(name: string): Promise<void> {
  startScreen.setBusy(true);
  try {
    const joining = client.connect({ name, room: parameters.room });
    const [welcome, { Game }] = await Promise.all([joining, drawing]);
    page.hidden = false;
    game ??= await Game.create(session, page, canvas, parameters.isAutoplay);
    game.setInviteLink(inviteLink(location.href, welcome.room));
    game.start();
    startScreen.hide();
  } catch (error) {
    client.leave();
    page.hidden = true;
    startScreen.fail(joinErrorText(error));
  }
}

function showEnd({ reason }: ClosedEvent): void {
  if (game === undefined) {
    return;
  }
  const end = byId('end');
  const text = end.querySelector('.end-text');
  const again = end.querySelector('button');
  if (text !== null && again !== null) {
    text.textContent = closedText(reason);
    again.addEventListener('click', () => location.reload(), { once: true });
    end.hidden = false;
    again.focus();
  }
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`the page lacks #${id}`);
  }
  return found;
}
