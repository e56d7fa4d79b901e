// node serve.mjs PEER PORT: says `listening` once it does.

import { servers } from "./servers.mjs";

const [peer, port] = process.argv.slice(2);
await servers[peer](Number(port));
console.log("listening");
