/**
 * Whether the page's own clock runs at the speed of the server's: a machine that sleeps, a virtual
 * one or a cheat may halve or double it. Ordinary drift is none of its business. Pure; times in
 * milliseconds.
 */

/** Turns the page's time into time that runs as the server's does. */
export class ClockPace {
  /** The fastest snapshots of two such stretches tell the speed between them. */
  private static readonly STRETCH_MS = 1_000;

  /** So many speeds in a row must agree, each with the others by this factor. */
  private static readonly MEASURES = 3;
  private static readonly AGREEMENT = 1.25;

  /** A speed that is off by less than this share is the path's doing. */
  private static readonly LEAST = 0.2;

  /** However wrong the clock is, time is stretched by no more. */
  private static readonly MOST = 8;

  private readonly tickMs: number;
  private readonly speeds: number[] = [];
  private before: Arrival | undefined;
  private fastest: Arrival | undefined;
  private stretchSince = Number.NaN;
  private speed = 1;
  private last = Number.NaN;
  private time = 0;

  /** `tickMs` is a tick's length. */
  constructor(tickMs: number) {
    this.tickMs = tickMs;
  }

  /** The time of the server's speed at the page's `now`. */
  at(now: number): number {
    if (Number.isNaN(this.last)) {
      this.time = now;
    } else if (now > this.last) {
      this.time += (now - this.last) * this.speed;
    }
    this.last = Number.isNaN(this.last) ? now : Math.max(now, this.last);
    return this.time;
  }

  /** The page's time at a time of the server's speed, if the present speed has held and holds. */
  pageTime(time: number): number {
    return this.last + (time - this.time) / this.speed;
  }

  /** What was measured says nothing any more: the page stood still, or was hidden. */
  forget(): void {
    this.speeds.length = 0;
    this.before = undefined;
    this.fastest = undefined;
    this.stretchSince = Number.NaN;
  }

  /** Takes a snapshot's arrival at the page's `now`. Says whether another speed is found to hold. */
  onSnapshot(now: number, tick: number): boolean {
    if (Number.isNaN(this.stretchSince)) {
      this.stretchSince = now;
    }
    const isOver = now - this.stretchSince >= ClockPace.STRETCH_MS;
    const isChanged = isOver && this.measure();
    if (isOver) {
      this.stretchSince = now;
      this.before = this.fastest;
      this.fastest = undefined;
    }
    const sample = now - tick * this.tickMs;
    if (this.fastest === undefined || sample < this.fastest.sample) {
      this.fastest = { at: now, tick, sample };
    }
    return isChanged;
  }

  private measure(): boolean {
    const { before, fastest } = this;
    if (before === undefined || fastest === undefined || fastest.at <= before.at) {
      return false;
    }
    this.speeds.push(((fastest.tick - before.tick) * this.tickMs) / (fastest.at - before.at));
    if (this.speeds.length > ClockPace.MEASURES) {
      this.speeds.shift();
    }
    const slowest = Math.min(...this.speeds);
    const quickest = Math.max(...this.speeds);
    const agrees = slowest > 0 && quickest / slowest < ClockPace.AGREEMENT;
    if (!agrees || this.speeds.length < ClockPace.MEASURES) {
      return false;
    }
    const measured = Math.min(ClockPace.MOST, Math.max(1 / ClockPace.MOST, this.mean()));
    const speed = Math.abs(measured - 1) > ClockPace.LEAST ? measured : 1;
    // A speed that holds is kept as it is: what little it is off is slewed away.
    const isChanged = Math.abs(speed / this.speed - 1) > ClockPace.LEAST / 2;
    this.speed = isChanged ? speed : this.speed;
    return isChanged;
  }

  private mean(): number {
    return this.speeds.reduce((sum, speed) => sum + speed, 0) / this.speeds.length;
  }
}

/** A snapshot's arrival, and what it came after its tick. */
interface Arrival {
  readonly at: number;
  readonly tick: number;
  readonly sample: number;
}
