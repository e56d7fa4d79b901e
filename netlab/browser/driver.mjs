// Drives one browser by JSON lines: a request `{id, op, ...}` on each line of standard input, and on standard output
// its answer, `{id, value}` or `{id, error: {kind, message}}`. Answers come in any order. No test logic lives here.
//
// The end of standard input closes the browser, so that none outlives the test that wanted it.

import { createInterface } from "node:readline";

import { launch } from "./launch.mjs";
import { Pages } from "./pages.mjs";

let running;

async function start(options) {
  if (running) throw new Error("this driver has its browser already");
  const { browser, stop } = await launch(options);
  running = { browser, stop, pages: new Pages(browser, options) };
  return { version: await browser.version(), pid: browser.process()?.pid ?? null };
}

async function answer({ id, op, ...request }) {
  try {
    const value = op === "launch" ? await start(request) : await onPages(op, request);
    write({ id, value: value ?? null });
  } catch (error) {
    write({ id, error: { kind: error.kind ?? (error.name === "TimeoutError" ? "timeout" : "failed"), message: String(error.message ?? error) } });
  }
}

function onPages(op, request) {
  if (!running) throw new Error("no browser yet: the first request is `launch`");
  return running.pages.perform(op, request);
}

function write(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function stop() {
  await running?.stop();
  process.exit(0);
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => void answer(JSON.parse(line)));
lines.on("close", () => void stop());
// Puppeteer's own handlers would exit before the display server is gone.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void stop());
