// Players of others' servers, by each one's own client: they come in, send inputs, and count snapshots.

import { Client as Colyseus } from "@colyseus/sdk";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { INPUT } from "./work.mjs";

/** By name: lets one player in at a port. Gives how it sends an input; `onSnapshot` hears the bytes of each snapshot. */
export const players = {
  async ws(port, onSnapshot) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
    socket.on("message", (data) => onSnapshot(data.length));
    return () => socket.send(INPUT);
  },

  async "socket.io"(port, onSnapshot) {
    const socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"], forceNew: true });
    await new Promise((resolve, reject) => socket.on("connect", resolve).on("connect_error", reject));
    socket.on("snapshot", (data) => onSnapshot(data.length));
    return () => socket.emit("input", INPUT);
  },

  async colyseus(port, onSnapshot) {
    const room = await new Colyseus(`ws://127.0.0.1:${port}`).joinOrCreate("fixed-size");
    room.onMessage("snapshot", (data) => onSnapshot(data.length));
    return () => room.sendBytes("input", INPUT);
  },
};
