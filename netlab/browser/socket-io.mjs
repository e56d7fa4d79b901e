// A stock Socket.IO server before the game, for comparison: `node socket-io.mjs GAME`, where GAME is the game
// server's address on this host. Each connection gets one WebSocket of its own to the game, and every message goes on
// as it came, both ways. It writes the number of its port when it listens, and ends with its standard input.

import { once } from "node:events";
import { createServer } from "node:http";

import { Server } from "socket.io";
import WebSocket from "ws";

const game = process.argv[2];

const http = createServer();
const server = new Server(http);

// A player is connected once the game's own socket is open, so that no message has to wait for it.
server.use(async (player, next) => {
  const socket = new WebSocket(`ws://${game}/v1/websocket`, "game-session.v1");
  try {
    await once(socket, "open");
  } catch (error) {
    next(error);
    return;
  }
  // From now on its end is enough, which follows each error.
  socket.on("error", () => {});
  player.data.socket = socket;
  next();
});

server.on("connection", (player) => {
  const { socket } = player.data;
  socket.on("message", (message) => player.send(message));
  socket.on("close", () => player.disconnect(true));
  player.on("message", (message) => socket.send(message));
  player.on("disconnect", () => socket.close());
});

http.listen(0, () => process.stdout.write(`${http.address().port}\n`));
process.stdin.on("end", () => process.exit(0)).resume();
