/**
 * The page's entry: the start screen first; behind it the drawing part is loaded and warmed up, so
 * that no shader is compiled while the first snapshots come in.
 */

import './style/main.css';
import {
  type CloseCause,
  ConnectError,
  GameClient,
  type JoinRequest,
  type ResumableSeat,
} from '@battle-circles/sdk';
import type { Client } from './app/client.ts';
import { joinErrorText } from './app/closed-text.ts';
import { EndScreen } from './app/end-screen.ts';
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
let ending: CloseCause | undefined;

const page = byId('game');
const canvas = byId('pond') as HTMLCanvasElement;
const drawing = import('./app/game.ts').then(({ Game }) =>
  Game.create(session, page, canvas, parameters.isAutoplay),
);
// Whoever presses the button hears of a failure.
drawing.catch(() => undefined);
const endScreen = new EndScreen(document.body, () => location.reload());
const resuming = byId('resuming');
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
const seat = session.client.resumable();
if (seat !== undefined && (parameters.room ?? seat.room) === seat.room) {
  void resume(seat);
} else if (parameters.isAutoplay) {
  startScreen.submit();
}

/** A client that has asked for the server's rungs already. */
function createClient(): Client {
  const client = new GameClient({
    adapter: createAdapter(timeline),
    rung: parameters.rung,
    emulate: parameters.emulate,
    onDatagram: window.battleCirclesTap,
  });
  client.on('closed', ({ reason }) => {
    ending = reason;
    showEnd();
  });
  client.prepare();
  return client;
}

/** Joins from the start screen. */
async function play(name: string): Promise<void> {
  startScreen.setBusy(true);
  const { room } = parameters;
  // The room is what it was, also if this join makes it anew.
  const visibility = room === seat?.room ? seat?.visibility : undefined;
  const request = { name, room, visibility };
  // After a failure to reach the server the seat may still be there.
  let error = await enter({ ...request, resume: true });
  if (isSeatGone(error)) {
    error = await enter(request);
  }
  if (error !== undefined) {
    startScreen.fail(joinErrorText(error));
  }
}

/** Goes back to the seat from before the page was loaded, without the start screen. */
async function resume({ name, room }: ResumableSeat): Promise<void> {
  startScreen.hide();
  resuming.hidden = false;
  const error = await enter({ name, room, resume: true });
  resuming.hidden = true;
  if (isSeatGone(error)) {
    startScreen.show();
    if (parameters.isAutoplay) {
      startScreen.submit();
    }
  } else if (error !== undefined) {
    startScreen.fail(joinErrorText(error));
  }
}

/** Connects and shows the game; gives what went wrong, if anything did. */
async function enter(request: JoinRequest): Promise<unknown> {
  ending = undefined;
  try {
    const drawn = await drawing;
    const { room } = await session.client.connect(request);
    game = drawn;
    game.setInviteLink(inviteLink(location.href, room));
    game.start();
    page.inert = false;
    startScreen.hide();
    showEnd();
    return undefined;
  } catch (error) {
    session.client.leave();
    session.attach(createClient());
    return error;
  }
}

function isSeatGone(error: unknown): boolean {
  return error instanceof ConnectError && error.reason === 'seat-gone';
}

/** Says how the game ended, if it has begun and ended. A page that goes needs no word. */
function showEnd(): void {
  if (game !== undefined && ending !== undefined && ending !== 'unloaded') {
    endScreen.show(ending);
  }
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`the page lacks #${id}`);
  }
  return found;
}
