// Playing on: the page's players, what they have noted and what the SDK measures.

import { clockOffset } from "./clock.mjs";
import { GamePlayer } from "./game-player.mjs";
import { PagePlayer } from "./page-player.mjs";

const players = [];

/** Opens a client, as a page does when it is loaded, and gives its number. */
export function prepare({ rung, sockets, socketIo }) {
  players.push(new GamePlayer({ rung, sockets, socketIo }));
  return players.length - 1;
}

/** Takes the game's own page, which joins by itself, as a player. */
export function watchPage() {
  players.push(new PagePlayer());
}

/** The click, of a client that was opened before. What comes of it is told by {@link isSettled} and {@link notes}. */
export function click(number, { name, room }) {
  players[number].connect({ name, room }).catch(() => {});
}

/** Whether every player plays, or never will. */
export const isSettled = () => players.every((player) => player.isSettled);

/** Opens a client on `rung`, joins and stays. Gives the client's number once it is welcome. */
export async function play({ rung, name, room }) {
  const number = prepare({ rung });
  await players[number].connect({ name, room });
  return number;
}

/** What each player has noted up to now, and the clock that it was noted by. */
export const notes = () => ({
  clock: clockOffset(),
  players: players.map(({ arrivals, refusal }) => ({ arrivals, refusal: refusal ?? null })),
});

/** A span begins over which {@link figures} then tells what the players felt. */
export function begin() {
  for (const player of players) player.begin?.();
}

/** The page's clock alone. */
export { clockOffset };

/** The SDK's own figures, by player. */
export const figures = () => players.map(({ stats }) => stats);

/** What each client has said up to now. */
export const journals = () => players.map(({ journal }) => journal ?? []);

/** What the network did to the first player, as a trace in CSV. */
export const recording = () => players[0]?.recording ?? null;

/** Every player gives its seat up. */
export function leave() {
  for (const player of players) player.leave();
}
