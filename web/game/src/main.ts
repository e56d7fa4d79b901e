/**
 * The page's entry: the start screen first; behind it the drawing part is loaded and warmed up, so
 * that no shader is compiled while the first snapshots come in.
 */

import './style/main.css';
import { BattleClient } from '@battle-circles/sdk';
import type { GameClient } from './app/client.ts';
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
const session = new Session(createClient(), timeline);
let game: Game | undefined;
/** Why the session ended, if it has. */
let ending: string | undefined;

const page = byId('game');
const canvas = byId('pond') as HTMLCanvasElement;
const drawing = import('./app/game.ts').then(({ Game }) =>
  Game.create(session, page, canvas, parameters.isAutoplay),
);
// Whoever presses the button hears of a failure.
drawing.catch(() => undefined);
const startScreen = new StartScreen(byId('start'), (name) => void play(name));
startScreen.setName(parameters.name);
startScreen.setRoom(parameters.room);
if (parameters.complaint !== undefined) {
  startScreen.say(parameters.complaint);
  // biome-ignore lint/suspicious/noConsole: with autoplay nobody sees the start screen.
  console.warn(parameters.complaint);
}
installTestHooks(session, () => game);
session.onWelcome = (room) => {
  history.replaceState(null, '', addressWithRoom(location.href, room));
  game?.setInviteLink(inviteLink(location.href, room));
};
if (parameters.isAutoplay) {
  startScreen.submit();
}

/** A client that has asked for the server's rungs already. */
function createClient(): GameClient {
  const client = new BattleClient({
    adapter: createAdapter(timeline),
    rung: parameters.rung,
    link: parameters.link,
    onDatagram: window.battleCirclesTap,
  });
  client.on('closed', ({ reason }) => {
    ending = closedText(reason);
    if (game !== undefined) {
      showEnd(ending);
    }
  });
  client.prepare();
  return client;
}

async function play(name: string): Promise<void> {
  startScreen.setBusy(true);
  ending = undefined;
  try {
    const drawn = await drawing;
    const { room } = await session.client.connect({ name, room: parameters.room });
    game = drawn;
    game.setInviteLink(inviteLink(location.href, room));
    game.start();
    page.inert = false;
    startScreen.hide();
    if (ending !== undefined) {
      showEnd(ending);
    }
  } catch (error) {
    session.client.leave();
    session.attach(createClient());
    startScreen.fail(joinErrorText(error));
  }
}

function showEnd(sentence: string): void {
  const end = byId('end');
  const text = end.querySelector('.end-text');
  const again = end.querySelector('button');
  if (text !== null && again !== null) {
    text.textContent = sentence;
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
