// A WebRTC link without the SDK, with every byte in the test's hands.

import { pause } from "./client.mjs";

/**
 * Joins `room`, opens the two channels, plays until the first State datagram, and then sends `messages` down `channel`:
 * arrays of bytes, or texts. Gives what came back within `waitMs` after that, or until the server closed a channel: the
 * Control frames, the number of State datagrams, and whether it did.
 */
export async function misuse({ name, room, channel, messages, waitMs = 2_000 }) {
  const seat = await join(name, room);
  const connection = new RTCPeerConnection();
  const channels = {
    state: connection.createDataChannel("state", { negotiated: true, id: 0, ordered: false, maxRetransmits: 0 }),
    control: connection.createDataChannel("control", { negotiated: true, id: 1 }),
  };
  const seen = { frames: [], states: 0, closed: false };
  const playing = new Promise((resolve) => {
    channels.state.addEventListener("message", () => {
      seen.states += 1;
      resolve();
    });
  });
  channels.control.binaryType = "arraybuffer";
  channels.control.onmessage = ({ data }) => seen.frames.push([...new Uint8Array(data)]);
  const closed = new Promise((resolve) => {
    for (const each of Object.values(channels)) {
      each.onclose = () => {
        seen.closed = true;
        resolve();
      };
    }
  });
  await connection.setLocalDescription(await connection.createOffer());
  await connection.setRemoteDescription({ type: "answer", sdp: await exchange(seat, connection.localDescription.sdp) });
  await playing;
  [seen.frames, seen.states] = [[], 0];
  for (const message of messages) {
    channels[channel].send(typeof message === "string" ? message : new Uint8Array(message));
  }
  await Promise.race([closed, pause(waitMs)]);
  connection.close();
  return seen;
}

async function join(name, room) {
  const { protocol } = await (await fetch("/v1/rungs")).json();
  const answer = await fetch("/v1/join", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, room, protocol }),
  });
  return answer.json();
}

async function exchange({ token, rungs }, sdp) {
  const { url } = rungs.find(({ kind }) => kind === "webrtc");
  const answer = await fetch(`${url}?link=1`, {
    method: "POST",
    headers: { "content-type": "application/sdp", authorization: `Bearer ${token}` },
    body: sdp,
  });
  return answer.text();
}
