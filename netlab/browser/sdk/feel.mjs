// What a player feels over a span of time, as far as the SDK's own statistics don't hold it: how far behind the picture
// was, and how many frames an input took to the screen.

// How often what changes slowly is looked at.
const LOOK_MS = 250;

// Of each look: the interpolation delay and how often inputs are sent.
export class Looks {
  #stats;
  #timer;
  #delays = [];
  #copies = [];

  constructor(stats) {
    this.#stats = stats;
  }

  /** The span begins. */
  begin() {
    clearInterval(this.#timer);
    [this.#delays, this.#copies] = [[], []];
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** What was seen from its begin up to now; nothing without a look. */
  get seen() {
    if (this.#delays.length === 0) return null;
    return { delay: mean(this.#delays), longestDelay: Math.max(...this.#delays), inputCopies: mean(this.#copies) };
  }

  #look() {
    const { interpolationDelay, inputCopies } = this.#stats();
    this.#delays.push(interpolationDelay);
    this.#copies.push(inputCopies);
  }
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Counts the frames from an input to the first one that shows the own figure elsewhere because of it. */
export class InputWatch {
  #rule;
  #pending;
  /** Of each input that made a difference: 1 is the very next frame. */
  #frames = [];

  /** `rule` is the game's movement rule, as its adapter has it. */
  constructor(rule) {
    this.#rule = rule;
  }

  /** The span begins. */
  begin() {
    this.#frames = [];
    this.#pending = undefined;
  }

  /** What 95 of 100 inputs took at most; nothing without one that made a difference. */
  get p95() {
    const sorted = this.#frames.toSorted((one, other) => one - other);
    return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
  }

  /** The player steers `now`, no more `before`. */
  onInput(before, now) {
    this.#pending = { before: this.#pending?.before ?? before, now, frames: this.#pending?.frames ?? 0 };
  }

  /** A frame is drawn, with the own figure as `own` says. */
  onFrame(own) {
    const pending = this.#pending;
    if (pending === undefined) return;
    pending.frames += 1;
    const ahead = (input) => own && this.#rule.step(own.previous, input, Math.floor(own.tick) + 1);
    const [as, other] = [ahead(pending.now), ahead(pending.before)];
    // Without a figure, or where both inputs come to the same, there is nothing to see.
    if (!own || (as.x === other.x && as.y === other.y)) {
      this.#pending = undefined;
    } else if (own.alpha > 0 && own.current.x === as.x && own.current.y === as.y) {
      this.#frames.push(pending.frames);
      this.#pending = undefined;
    }
  }
}
