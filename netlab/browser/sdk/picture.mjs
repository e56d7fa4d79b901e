// How right a player's picture of the others is: how far each is drawn from where the server has it at that moment, and
// how much its speed jumps from frame to frame, which the eye sees first.

// A circle that is farther off was placed anew meanwhile.
const JUMP_PX = 400;

// Between views further apart, in ticks, nobody knows where a circle was.
const LONGEST_GAP = 15;

export class PictureWatch {
  // What was drawn and isn't judged yet, oldest first: `{tick, seat, x, y}`, the tick the server's at that moment.
  #drawn = [];
  // Where each seat was in the newest view, as `{tick, places}`.
  #newest;
  // Where each seat was drawn last, and how fast, in pixels a second.
  #last = new Map();
  #distances = [];
  #jumps = [];

  /** The span begins. */
  begin() {
    [this.#distances, this.#jumps] = [[], []];
    this.#forget();
  }

  #forget() {
    [this.#drawn, this.#newest, this.#last] = [[], undefined, new Map()];
  }

  /** What was seen from its begin up to now; nothing without another's circle. */
  get seen() {
    if (this.#distances.length === 0) return null;
    const distance = { p50: quantile(this.#distances, 0.5), p95: quantile(this.#distances, 0.95) };
    return { distance, speedJumpP95: quantile(this.#jumps, 0.95) };
  }

  /** A frame is drawn at `now`, in milliseconds; `places` gives where the newest view has each of the others. */
  onFrame(now, frame, ownSeat, places) {
    // Another session's ticks begin anew.
    if (frame.newestTick < (this.#newest?.tick ?? 0)) this.#forget();
    this.#judge(frame.newestTick, places);
    const before = this.#last;
    this.#last = new Map();
    for (const seat of places.keys()) {
      if (seat === ownSeat || !frame.has(seat)) continue;
      const [x, y] = [frame.x[seat], frame.y[seat]];
      this.#drawn.push({ tick: frame.serverTick, seat, x, y });
      this.#last.set(seat, this.#moved(before.get(seat), { now, x, y }));
    }
  }

  #moved(before, { now, x, y }) {
    const seconds = (now - (before?.now ?? now)) / 1_000;
    if (before === undefined || seconds <= 0) return { now, x, y };
    const speed = { x: (x - before.x) / seconds, y: (y - before.y) / seconds };
    const isElsewhere = Math.hypot(x - before.x, y - before.y) > JUMP_PX;
    if (before.speed !== undefined && !isElsewhere) {
      this.#jumps.push(Math.hypot(speed.x - before.speed.x, speed.y - before.speed.y));
    }
    return { now, x, y, speed: isElsewhere ? undefined : speed };
  }

  // Holds what was drawn before the newest view against the two that lie around it.
  #judge(tick, places) {
    const before = this.#newest;
    if (before !== undefined && tick <= before.tick) return;
    this.#newest = { tick, places };
    while (this.#drawn.length > 0 && this.#drawn[0].tick <= tick) {
      const drawn = this.#drawn.shift();
      const [from, to] = [before?.places.get(drawn.seat), places.get(drawn.seat)];
      if (!from || !to || drawn.tick < before.tick || tick - before.tick > LONGEST_GAP) continue;
      const share = (drawn.tick - before.tick) / (tick - before.tick);
      const there = { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
      const distance = Math.hypot(drawn.x - there.x, drawn.y - there.y);
      if (distance <= JUMP_PX) this.#distances.push(distance);
    }
  }
}

function quantile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
