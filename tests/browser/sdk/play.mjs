// Playing on, with each State datagram noted as it comes out of a WebRTC data channel, before the SDK sees it.

import { newClient } from "./client.mjs";

const channels = [];
const { set } = Object.getOwnPropertyDescriptor(RTCDataChannel.prototype, "onmessage");

Object.defineProperty(RTCDataChannel.prototype, "onmessage", {
  configurable: true,
  set(handler) {
    if (this.label !== "state" || !handler) return set.call(this, handler);
    const noted = [];
    channels.push(noted);
    set.call(this, (event) => {
      noted.push(note(event.data));
      handler.call(this, event);
    });
  },
});

/** Joins on `rung` and stays. Gives the client's number once it plays. */
export async function play({ rung, name, room }) {
  const client = newClient(rung);
  clients.push(client);
  await client.connect({ name, room });
  return clients.length - 1;
}

const clients = [];

/** What each data channel has brought up to now: `[sequence, tick, milliseconds since 1970]` each. */
export const arrivals = () => channels;

/** The SDK's own figures, by client. */
export const figures = () => clients.map((client) => client.stats());

// docs/protocol.md: sequence u16le, ack u16le, ack bits u32le, ack delay u8, then the tick as a varint.
function note(data) {
  const bytes = new Uint8Array(data);
  let tick = 0;
  for (let at = 9, shift = 1; ; at += 1, shift *= 128) {
    tick += (bytes[at] & 0x7f) * shift;
    if (bytes[at] < 0x80) break;
  }
  return [bytes[0] | (bytes[1] << 8), tick, performance.timeOrigin + performance.now()];
}
