// The game's own page as a player: what it notes and what it says, in the shape of the players without a picture.

import { Looks } from "./feel.mjs";

const tapped = [];

// On the game's page this runs before any of its scripts; elsewhere nobody asks for it.
globalThis.battleCirclesTap = ({ direction, sequence, tick, at, link, rung }) => {
  if (direction === "down") tapped.push([sequence, tick, performance.timeOrigin + at, link, rung]);
};

export class PagePlayer {
  arrivals = tapped;
  refusal = undefined;
  #since;
  #looks = new Looks(() => globalThis.battleCircles.stats());

  begin() {
    this.#since = performance.now();
    this.#looks.begin();
  }

  get isSettled() {
    return this.stats.snapshots > 0;
  }

  get stats() {
    return { ...globalThis.battleCircles.stats(this.#since), looks: this.#looks.seen, inputFrames: null, picture: null };
  }

  get recording() {
    return globalThis.battleCircles.recording();
  }

  // A page that is closed has left.
  leave() {}
}
