// Keeps what a page writes to its console, and its uncaught errors, until somebody asks.

// A page that logs in a loop must not fill the driver's memory.
const MOST_LINES = 5_000;

export class Console {
  #lines = [];
  #dropped = 0;

  constructor(page) {
    page.on("console", (message) => this.#keep(message.type(), message.text()));
    page.on("pageerror", (error) => this.#keep("pageerror", error?.stack ?? String(error)));
    page.on("error", (error) => this.#keep("crash", error.message));
  }

  /** The lines since the last call, and how many older ones found no room. */
  take() {
    const taken = { lines: this.#lines, dropped: this.#dropped };
    this.#lines = [];
    this.#dropped = 0;
    return taken;
  }

  #keep(kind, text) {
    this.#lines.push({ kind, text });
    if (this.#lines.length > MOST_LINES) {
      this.#lines.shift();
      this.#dropped += 1;
    }
  }
}
