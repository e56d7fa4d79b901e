// A player of the real game without its picture: it decodes, predicts, interpolates and steers as the game's page does,
// and notes each State datagram that comes in. It draws nothing, so a renderer in software distorts no time.

import { GameClient } from "@battle-circles/sdk";

import { Session } from "@battle-circles/game/app/session.ts";
import { Autopilot } from "@battle-circles/game/input/autopilot.ts";
import { createAdapter } from "@battle-circles/game/model/adapter.ts";
import { boundaryRadius } from "@battle-circles/game/model/boundary.ts";
import { CourseSmoothing } from "@battle-circles/game/model/course-smoothing.ts";
import { Frame, readSample } from "@battle-circles/game/model/frame.ts";
import { Timeline } from "@battle-circles/game/model/timeline.ts";
import { MAX_SEATS, QUARTERS } from "@battle-circles/game/model/view.ts";

import { NO_MEMORY } from "./client.mjs";
import { InputWatch, Looks } from "./feel.mjs";
import { hostWithSockets } from "./host.mjs";
import { PictureWatch } from "./picture.mjs";
import { openSocketIo } from "./socket-io.mjs";

// As often as a screen asks for a picture. A timer, because a page that draws nothing may get no animation frames.
const FRAME_MS = 16;

// After so long in the results it asks for the rematch, as the page does by itself.
const REMATCH_AFTER_MS = 1_500;

export class GamePlayer {
  /** What came in: `[sequence, tick, milliseconds since 1970 by the page's clock, link, rung]` each. */
  arrivals = [];
  /** Why the join came to nothing, if it did. */
  refusal;
  /** What the client said: `{at, said}` with `at` as above, `said` a welcome's room, a state or an end. */
  journal = [];
  #client;
  #session;
  #frame = new Frame();
  #autopilot = new Autopilot();
  #steering = { x: 0, y: 0 };
  #steered = { x: 0, y: 0 };
  #resultsSince;
  #frames;
  #since;
  #looks = new Looks(() => this.#client.stats());
  #inputs;
  #picture = new PictureWatch();
  #smoothing = new CourseSmoothing();

  /**
   * On `rung` alone, or on the ladder; `sockets` is how many WebSockets it may have. With `socketIo`, the origin of a
   * Socket.IO server, each of them is a Socket.IO connection to that.
   */
  constructor({ rung, sockets, socketIo }) {
    const timeline = new Timeline();
    const adapter = createAdapter(timeline);
    this.#inputs = new InputWatch(adapter.prediction);
    this.#client = new GameClient(
      {
        adapter,
        rung: rung ?? undefined,
        storage: NO_MEMORY,
        onDatagram: (record) => this.#note(record),
      },
      hostWithSockets(sockets, socketIo ? () => openSocketIo(socketIo) : undefined),
    );
    this.#session = new Session(this.#client, timeline);
    this.#keepJournal();
    this.#client.prepare();
  }

  /** The click. Resolves when the server has welcomed the player. */
  async connect({ name, room }) {
    this.#frames = setInterval(() => this.#play(performance.now()), FRAME_MS);
    try {
      await this.#client.connect({ name, room });
    } catch (error) {
      this.refusal = `${error}`;
      throw error;
    }
  }

  /** Whether it plays, or never will. */
  get isSettled() {
    return this.refusal !== undefined || this.#client.stats().snapshots > 0;
  }

  /** From now on is measured what the player feels. */
  begin() {
    this.#since = performance.now();
    this.#looks.begin();
    this.#inputs.begin();
    this.#picture.begin();
  }

  leave() {
    clearInterval(this.#frames);
    this.#client.leave();
  }

  /** What the network did to it, as a trace. */
  get recording() {
    return this.#client.recording();
  }

  get stats() {
    const stats = this.#client.stats(this.#since);
    return { ...stats, rung: stats.rung ?? null, looks: this.#looks.seen, inputFrames: this.#inputs.p95, picture: this.#picture.seen };
  }

  #keepJournal() {
    const write = (said) => this.journal.push({ at: performance.timeOrigin + performance.now(), said });
    this.#client.on("welcome", ({ room, resumed }) => write(`welcome ${resumed ? "back " : ""}to ${room}`));
    this.#client.on("status", ({ state, returning }) => write(returning ? `${state}: ${returning}` : state));
    this.#client.on("closed", ({ reason }) => write(`closed: ${reason}`));
  }

  #note({ direction, sequence, tick, at, link, rung }) {
    if (direction === "down") this.arrivals.push([sequence, tick, performance.timeOrigin + at, link, rung]);
  }

  #play(now) {
    const seat = this.#session.room.ownSeat;
    if (this.#frame.hasOwn) this.#steer(seat);
    const sample = this.#client.sample(now);
    this.#inputs.onFrame(sample?.own);
    if (sample !== undefined) {
      readSample(sample, seat, this.#frame);
      this.#smoothing.apply(sample, seat, 1_000 / this.#session.tickRate, this.#frame);
      if (this.#session.room.phase.phase === "playing") {
        this.#picture.onFrame(now, this.#frame, seat, places(sample.newest));
      }
    }
    this.#session.advance(sample === undefined ? undefined : this.#frame.tick, now, () => {});
    this.#rematch(now);
  }

  #steer(seat) {
    const { room, pondRadius } = this.#session;
    const boundary = boundaryRadius(room.phase.boundary, this.#frame.serverTick, pondRadius);
    this.#autopilot.steer(this.#frame, seat, boundary, this.#steering);
    const { x, y } = this.#steering;
    if (x !== this.#steered.x || y !== this.#steered.y) {
      this.#inputs.onInput(this.#steered, { x, y });
      this.#steered = { x, y };
      this.#client.setInput(this.#steered);
    }
  }

  #rematch(now) {
    if (this.#session.room.phase.phase !== "results") {
      this.#resultsSince = undefined;
      return;
    }
    this.#resultsSince ??= now;
    if (now - this.#resultsSince >= REMATCH_AFTER_MS) this.#session.ready();
  }
}

// Where a view has each circle, in pixels.
function places(view) {
  const found = new Map();
  for (let seat = 0; seat < MAX_SEATS; seat += 1) {
    if (view.hasCircle(seat)) {
      found.set(seat, { x: view.circleX[seat] / QUARTERS, y: view.circleY[seat] / QUARTERS });
    }
  }
  return found;
}
