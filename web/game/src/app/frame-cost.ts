/** What a frame of ours costs, over the last few seconds. */

const KEPT = 240;

/** Milliseconds of our own code, and of handing the picture to the graphics driver. */
export interface FrameCost {
  readonly own: { readonly p50: number; readonly p95: number };
  readonly render: { readonly p50: number; readonly p95: number };
  readonly frames: number;
}

/** A ring of measurements; taking one allocates nothing. */
export class FrameCostMeter {
  private readonly own = new Float64Array(KEPT);
  private readonly render = new Float64Array(KEPT);
  private count = 0;

  add(own: number, render: number): void {
    this.own[this.count % KEPT] = own;
    this.render[this.count % KEPT] = render;
    this.count += 1;
  }

  read(): FrameCost {
    const kept = Math.min(this.count, KEPT);
    return {
      own: quantiles(this.own.slice(0, kept)),
      render: quantiles(this.render.slice(0, kept)),
      frames: this.count,
    };
  }
}

function quantiles(values: Float64Array): { p50: number; p95: number } {
  values.sort();
  const at = (share: number): number => values[Math.floor((values.length - 1) * share)] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}
