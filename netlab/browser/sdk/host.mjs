// The browser as the SDK sees it, with fewer WebSockets than it asks for, or with something else in their place.

import { browserHost } from "../../../web/sdk/src/host.ts";

/**
 * A host that lets at most so many WebSockets live at once; others end as soon as they are asked for. `open` opens
 * them in the browser's place.
 */
export function hostWithSockets(sockets, open = undefined) {
  const host = browserHost();
  if (sockets == null) return host;
  let live = [];
  const openOneOfFew = (url, protocol) => {
    live = live.filter(({ readyState }) => readyState < WebSocket.CLOSING);
    if (live.length >= sockets) return refused();
    const socket = (open ?? host.openWebSocket)(url, protocol);
    live.push(socket);
    return socket;
  };
  return { ...host, openWebSocket: openOneOfFew };
}

function refused() {
  const socket = { readyState: 3, bufferedAmount: 0, binaryType: "", onopen: null, onmessage: null, onclose: null, send() {}, close() {} };
  // Not before the bundle has all its sockets, or it would take the first one's end for its own.
  queueMicrotask(() => socket.onclose?.({ code: 1000, reason: "no more sockets" }));
  return socket;
}
