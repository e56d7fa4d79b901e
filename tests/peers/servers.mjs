// The servers of others, each at a port: it sends every player a snapshot at the snapshot rate, takes what players send, and
// does nothing else.

import { createServer } from "node:http";
import { Room, Server as Colyseus } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { Server as SocketIo } from "socket.io";
import { WebSocketServer } from "ws";
import { everySecond, SEATS, SNAPSHOT, SNAPSHOT_RATE } from "./work.mjs";

class FixedSize extends Room {
  maxClients = SEATS;

  onCreate() {
    this.onMessageBytes("input", () => {});
    this.sending = everySecond(SNAPSHOT_RATE, () => {
      for (const client of this.clients) client.sendBytes("snapshot", SNAPSHOT);
    });
  }

  onDispose() {
    clearInterval(this.sending);
  }
}

/** By name: serves at a port; resolves once it listens. */
export const servers = {
  async ws(port) {
    const server = new WebSocketServer({ port, perMessageDeflate: false });
    server.on("connection", (socket) => socket.on("message", () => {}));
    everySecond(SNAPSHOT_RATE, () => {
      for (const socket of server.clients) socket.send(SNAPSHOT);
    });
    await new Promise((resolve) => server.on("listening", resolve));
  },

  async "socket.io"(port) {
    const http = createServer();
    const server = new SocketIo(http, { transports: ["websocket"] });
    server.on("connection", (socket) => socket.on("input", () => {}));
    everySecond(SNAPSHOT_RATE, () => {
      for (const socket of server.sockets.sockets.values()) socket.emit("snapshot", SNAPSHOT);
    });
    await new Promise((resolve) => http.listen(port, resolve));
  },

  async colyseus(port) {
    const server = new Colyseus({ transport: new WebSocketTransport(), greet: false });
    server.define("fixed-size", FixedSize);
    await server.listen(port);
  },
};
