// Connects: from the click to the first snapshot, one at a time or many.

import { newClient, pause } from "./client.mjs";

/**
 * Opens the page's client, lets `typingMs` pass as a player types a name, and clicks. Gives the milliseconds from the
 * click to the first snapshot and the rung that brought it, or why none came within `patienceMs`.
 */
export async function connect({ rung, name, room, typingMs = 0, patienceMs = 30_000 }) {
  let seen;
  const firstSnapshot = new Promise((resolve) => {
    seen = () => resolve({ ms: performance.now() - clicked });
  });
  const client = newClient(rung, () => seen());
  client.prepare();
  await pause(typingMs);
  const clicked = performance.now();
  const refused = client.connect({ name, room }).then(
    () => new Promise(() => {}),
    (error) => ({ error: `${error}` }),
  );
  const hung = pause(patienceMs).then(() => ({ error: `no snapshot within ${patienceMs} ms` }));
  const outcome = await Promise.race([firstSnapshot, refused, hung]);
  // The ladder notes who carries the game just after it has decoded.
  await pause(0);
  const { rungLog, links } = client.stats();
  client.leave();
  return { ...outcome, rung: rungLog[0]?.to, links: links.length };
}

/** Connects and leaves `count` times, `abreast` at once; gives what went wrong, in words. */
export async function joinAndLeave({ rung, count, abreast, patienceMs }) {
  const errors = [];
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const { error } = await connect({ rung, name: "Wanderer", patienceMs });
      if (error) errors.push(error);
    }
  };
  await Promise.all(Array.from({ length: abreast }, one));
  return errors;
}
