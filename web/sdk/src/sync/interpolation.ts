/**
 * The views on the way to the screen: which two to draw between at a moment. Snapshots come in by
 * rising tick; late ones never come here.
 */

/** Where a moment lies between two views. The object is used again at each call. */
export interface Placement<View> {
  from: View;
  to: View;
  fromTick: number;
  toTick: number;
  alpha: number;
  /** The tick shown. */
  tick: number;
  isExtrapolated: boolean;
  isFrozen: boolean;
}

/** The last views by tick. */
export class Timeline<View> {
  /** Views held: over a second at 60 Hz, far more than the longest delay. */
  private static readonly CAPACITY = 64;

  private readonly ticks: number[] = [];
  private readonly views: View[] = [];
  private readonly foresight: number;
  private readonly extrapolation: number;
  private readonly longestGap: number;
  private shown = Number.NEGATIVE_INFINITY;
  private placement: Placement<View> | undefined;

  /**
   * `foresight`: ticks that a view is carried on beyond the newest as a matter of course, and
   * `extrapolation`: further ones for want of news, at most. `longestGap`: two views further apart are
   * not interpolated between.
   */
  constructor(foresight: number, extrapolation: number, longestGap: number) {
    this.foresight = foresight;
    this.extrapolation = extrapolation;
    this.longestGap = longestGap;
  }

  /** Appends a view that is newer than all before. */
  push(tick: number, view: View): void {
    const newest = this.newestTick;
    if (newest !== undefined && tick - newest > this.longestGap) {
      this.ticks.length = 0;
      this.views.length = 0;
    }
    this.ticks.push(tick);
    this.views.push(view);
    if (this.ticks.length > Timeline.CAPACITY) {
      this.ticks.shift();
      this.views.shift();
    }
  }

  get newestTick(): number | undefined {
    return this.ticks.at(-1);
  }

  get newest(): View | undefined {
    return this.views.at(-1);
  }

  /** Lets the tick shown go back once: after the page was hidden. */
  restart(): void {
    this.shown = Number.NEGATIVE_INFINITY;
  }

  /** What to show at `target`, a tick with its fraction; nothing before the first view. */
  at(target: number): Placement<View> | undefined {
    const last = this.ticks.length - 1;
    const newestTick = this.ticks[last];
    if (newestTick === undefined) {
      return undefined;
    }
    const limit = newestTick + this.foresight + this.extrapolation;
    const tick = Math.max(this.shown, Math.min(target, limit));
    this.shown = tick;
    let index = last;
    while (index > 0 && (this.ticks[index - 1] ?? 0) >= tick) {
      index -= 1;
    }
    const isBeyond = tick > newestTick;
    const before = isBeyond ? this.courseSince(newestTick - this.foresight) : index - 1;
    return this.place(Math.max(0, before), index, tick, target > limit);
  }

  /**
   * The newest view but one that is from `tick` or before: two views in quick succession would tell a
   * course badly, for places on the wire are rounded.
   */
  private courseSince(tick: number): number {
    let index = this.ticks.length - 2;
    while (index > 0 && (this.ticks[index] ?? 0) > tick) {
      index -= 1;
    }
    return index;
  }

  private place(
    before: number,
    after: number,
    tick: number,
    isFrozen: boolean,
  ): Placement<View> | undefined {
    const from = this.views[before];
    const to = this.views[after];
    const fromTick = this.ticks[before] ?? 0;
    const toTick = this.ticks[after] ?? 0;
    if (from === undefined || to === undefined) {
      return undefined;
    }
    const span = toTick - fromTick;
    const alpha = span > 0 ? Math.max(0, (tick - fromTick) / span) : 1;
    const isExtrapolated = tick > toTick + this.foresight;
    this.placement ??= { from, to, fromTick, toTick, alpha, tick, isExtrapolated, isFrozen };
    const { placement } = this;
    placement.from = from;
    placement.to = to;
    placement.fromTick = fromTick;
    placement.toTick = toTick;
    placement.alpha = alpha;
    placement.tick = tick;
    placement.isExtrapolated = isExtrapolated;
    placement.isFrozen = isFrozen;
    return placement;
  }
}
