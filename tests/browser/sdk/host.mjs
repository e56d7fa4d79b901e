// The browser as the SDK sees it, with fewer WebSockets than it asks for.

import { browserHost } from "../../../web/sdk/src/host.ts";

/** A host that lets each WebSocket bundle have so many sockets; the others end as soon as they are asked for. */
export function hostWithSockets(sockets) {
  const host = browserHost();
  if (sockets == null) return host;
  let asked = 0;
  const open = (url, protocol) => {
    asked += 1;
    return (asked - 1) % BUNDLE < sockets ? host.openWebSocket(url, protocol) : refused();
  };
  return { ...host, openWebSocket: open };
}

// How many the SDK opens at once for a bundle.
const BUNDLE = 3;

function refused() {
  const socket = { readyState: 3, bufferedAmount: 0, binaryType: "", onopen: null, onmessage: null, onclose: null, send() {}, close() {} };
  // Not before the bundle has all its sockets, or it would take the first one's end for its own.
  queueMicrotask(() => socket.onclose?.({ code: 1000, reason: "no more sockets" }));
  return socket;
}
