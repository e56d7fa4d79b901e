// The stock Socket.IO client in the place of a WebSocket: the SDK's messages go through it as they are.

/** Loads the client that the Socket.IO server at `origin` hands out, as pages that use it do. */
export function loadSocketIo(origin) {
  const script = document.createElement("script");
  script.src = `${origin}/socket.io/socket.io.min.js`;
  return new Promise((resolve, reject) => {
    script.onload = () => resolve(true);
    script.onerror = () => reject(new Error(`there is no ${script.src}`));
    document.head.append(script);
  });
}

/** One connection to the Socket.IO server at `origin`, as much of a WebSocket as the SDK asks for. */
export function openSocketIo(origin) {
  // The SDK itself opens another one when this ends.
  const connection = globalThis.io(origin, { transports: ["websocket"], forceNew: true, reconnection: false });
  const socket = {
    readyState: WebSocket.CONNECTING,
    // Socket.IO doesn't tell what waits, so nobody holds anything back.
    bufferedAmount: 0,
    binaryType: "",
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (bytes) => connection.send(bytes),
    close: () => {
      socket.readyState = WebSocket.CLOSED;
      connection.disconnect();
    },
  };
  const end = (reason) => {
    socket.readyState = WebSocket.CLOSED;
    socket.onclose?.({ code: 1006, reason: String(reason) });
  };
  connection.on("connect", () => {
    socket.readyState = WebSocket.OPEN;
    socket.onopen?.();
  });
  connection.on("message", (data) => socket.onmessage?.({ data }));
  connection.on("connect_error", end);
  connection.on("disconnect", end);
  return socket;
}
