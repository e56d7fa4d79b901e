// The pages of one browser by number, and what can be done with them.

import { Console } from "./console.mjs";
import { keyboard, mouse, touch } from "./input.mjs";
import { evaluate, waitFor } from "./script.mjs";

export class Pages {
  #browser;
  #defaults;
  #pages = new Map();
  #opened = 0;

  constructor(browser, { viewport, initScript }) {
    this.#browser = browser;
    this.#defaults = { viewport, initScript };
  }

  async perform(op, request) {
    if (op === "newPage") return this.#open(request);
    const entry = this.#pages.get(request.page);
    if (!entry) throw new Error(`no page ${request.page}`);
    const operation = OPERATIONS[op];
    if (!operation) throw new Error(`no operation ${op}`);
    const value = await operation(entry, request);
    if (op === "closePage") this.#pages.delete(request.page);
    return value;
  }

  // A page of its own has its own window, so that it is visible and draws beside others, and its own storage. A
  // sibling is one more tab in another page's window, and hides that one.
  async #open({ sibling, viewport, initScript }) {
    const page = sibling === undefined ? await this.#openWindow() : await this.#openTab(sibling);
    const entry = { page, console: new Console(page) };
    const script = initScript ?? this.#defaults.initScript;
    if (script) await page.evaluateOnNewDocument(script);
    const view = viewport ?? this.#defaults.viewport;
    if (view) await page.setViewport(view);
    const number = ++this.#opened;
    this.#pages.set(number, entry);
    return number;
  }

  async #openWindow() {
    const context = await this.#browser.createBrowserContext();
    return context.newPage({ type: "window" });
  }

  async #openTab(sibling) {
    const entry = this.#pages.get(sibling);
    if (!entry) throw new Error(`no page ${sibling}`);
    // Firefox opens a tab in the window that was used last.
    await entry.page.bringToFront();
    return entry.page.browserContext().newPage();
  }
}

const OPERATIONS = {
  goto: async ({ page }, { url, waitUntil = "load", timeoutMs }) => {
    await page.goto(url, { waitUntil, timeout: timeoutMs });
  },
  evaluate: ({ page }, { expression }) => evaluate(page, expression),
  waitFor: ({ page }, { expression, timeoutMs }) => waitFor(page, expression, timeoutMs),
  screenshot: async ({ page }, { path }) => {
    await page.screenshot({ path, type: "png" });
  },
  setViewport: ({ page }, { viewport }) => page.setViewport(viewport),
  bringToFront: ({ page }) => page.bringToFront(),
  console: ({ console }) => console.take(),
  mouse: ({ page }, request) => mouse(page, request),
  touch: ({ page }, request) => touch(page, request),
  keyboard: ({ page }, request) => keyboard(page, request),
  closePage: ({ page }) => page.close(),
};
