// node play.mjs PEER PORT PLAYERS: lets players in, says `{"joined", "seconds"}`, and then, for each line that it reads, how many
// snapshots of how many bytes have come since the line before.

import { createInterface } from "node:readline";
import { players } from "./players.mjs";
import { everySecond, INPUT_RATE } from "./work.mjs";

const ABREAST = 16;

const [peer, port, count] = process.argv.slice(2);
const seen = { snapshots: 0, bytes: 0 };
const onSnapshot = (bytes) => {
  seen.snapshots += 1;
  seen.bytes += bytes;
};
const begun = performance.now();
const inputs = [];
let left = Number(count);
async function joinSome() {
  while (left > 0) {
    left -= 1;
    inputs.push(await players[peer](Number(port), onSnapshot));
  }
}
await Promise.all(Array.from({ length: ABREAST }, joinSome));
// Not all in the same moment.
for (const send of inputs) setTimeout(() => everySecond(INPUT_RATE, send), Math.random() * 1_000);
console.log(JSON.stringify({ joined: inputs.length, seconds: (performance.now() - begun) / 1_000 }));
for await (const _ of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(seen));
  seen.snapshots = 0;
  seen.bytes = 0;
}
process.exit(0);
