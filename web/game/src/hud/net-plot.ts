/** Draws the link's last twenty seconds: ages as columns, starved spans hatched, losses as marks. */

import { element, penFor } from './dom.ts';
import { COLUMNS, type Column, type LinkHistory } from './link-history.ts';

/** Ages from here on are late: what the server sends is then starved of as well, in milliseconds. */
const LATE = 150;

/** Ages at the plot's top; the least that holds all is taken, so that it seldom jumps. */
const TOPS = [200, 400, 800] as const;
/** Older ones are cut off: higher columns would make all others flat. */
const HIGHEST_TOP = 1_600;

/** Height of the lane below the ages that shows losses, in CSS pixels. */
const LOSS_LANE = 13;

const COLOURS = {
  onTime: '#5cc9bd',
  late: '#ffcf5c',
  starved: '#ff9a78',
  starvedGround: 'rgba(255, 122, 77, 0.22)',
  lost: '#ffffff',
  away: 'rgba(234, 246, 245, 0.08)',
  line: 'rgba(234, 246, 245, 0.35)',
  text: 'rgba(234, 246, 245, 0.8)',
  shade: 'rgba(6, 17, 26, 0.7)',
} as const;

/** The canvas. */
export class NetPlot {
  readonly root = element('canvas', 'net-graph-plot');
  private pen: CanvasRenderingContext2D | undefined;
  private width = 0;
  private height = 0;

  constructor() {
    this.root.setAttribute('role', 'img');
    this.root.setAttribute('aria-label', 'Age of updates over the last 20 seconds');
    // Measured when it changes, because to ask at each drawing costs a layout.
    new ResizeObserver(([entry]) => {
      this.width = entry?.contentRect.width ?? 0;
      this.height = entry?.contentRect.height ?? 0;
      this.pen = this.width > 0 ? penFor(this.root, this.width, this.height) : undefined;
    }).observe(this.root);
  }

  draw({ columns }: LinkHistory): void {
    const { pen, width } = this;
    if (pen === undefined) {
      return;
    }
    const height = this.height - LOSS_LANE;
    const top = topFor(columns);
    pen.clearRect(0, 0, width, this.height);
    drawSpans(pen, columns, width, height);
    drawAges(pen, columns, width, height, top);
    drawLosses(pen, columns, width, height);
    drawScale(pen, width, height, top);
  }
}

/** The age at the plot's top that holds all of these, as far as any does. */
export function topFor(columns: readonly Column[]): number {
  const greatest = columns.reduce((most, { age }) => Math.max(most, age), 0);
  return TOPS.find((top) => top >= greatest) ?? HIGHEST_TOP;
}

function drawSpans(
  pen: CanvasRenderingContext2D,
  columns: readonly Column[],
  width: number,
  height: number,
): void {
  const step = width / COLUMNS;
  for (const [index, { isStarved, isAway }] of columns.entries()) {
    if (isStarved || isAway) {
      pen.fillStyle = isStarved ? COLOURS.starvedGround : COLOURS.away;
      pen.fillRect(index * step, 0, step + 0.5, height);
    }
  }
}

function drawAges(
  pen: CanvasRenderingContext2D,
  columns: readonly Column[],
  width: number,
  height: number,
  top: number,
): void {
  const step = width / COLUMNS;
  for (const [index, { age, isStarved, isAway }] of columns.entries()) {
    if (age > 0 && !isAway) {
      const length = Math.max(1.5, (Math.min(age, top) / top) * height);
      pen.fillStyle = age >= LATE ? COLOURS.late : COLOURS.onTime;
      pen.globalAlpha = isStarved ? 0.45 : 1;
      pen.fillRect(index * step, height - length, step + 0.5, length);
    }
  }
  pen.globalAlpha = 1;
  hatch(pen, columns, width, height);
}

/** Slanted strokes over the starved spans, so that they are told by more than a colour. */
function hatch(
  pen: CanvasRenderingContext2D,
  columns: readonly Column[],
  width: number,
  height: number,
): void {
  const step = width / COLUMNS;
  const spans = new Path2D();
  for (const [index, { isStarved }] of columns.entries()) {
    if (isStarved) {
      spans.rect(index * step, 0, step + 0.5, height);
    }
  }
  pen.save();
  pen.clip(spans);
  pen.strokeStyle = COLOURS.starved;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (let x = -height; x < width; x += 6) {
    pen.moveTo(x, height);
    pen.lineTo(x + height, 0);
  }
  pen.stroke();
  pen.restore();
}

function drawLosses(
  pen: CanvasRenderingContext2D,
  columns: readonly Column[],
  width: number,
  height: number,
): void {
  const step = width / COLUMNS;
  const middle = height + LOSS_LANE / 2 + 0.5;
  pen.fillStyle = COLOURS.lost;
  for (const [index, { lost }] of columns.entries()) {
    if (lost > 0) {
      const reach = Math.min(5, 2 + lost);
      const x = (index + 0.5) * step;
      pen.beginPath();
      pen.moveTo(x, middle - reach);
      pen.lineTo(x + 2.2, middle);
      pen.lineTo(x, middle + reach);
      pen.lineTo(x - 2.2, middle);
      pen.fill();
    }
  }
}

function drawScale(
  pen: CanvasRenderingContext2D,
  width: number,
  height: number,
  top: number,
): void {
  pen.fillStyle = COLOURS.line;
  pen.fillRect(0, height, width, 1);
  const line = height - (LATE / top) * height;
  pen.fillRect(0, line, width, 1);
  pen.font = '11px "Outfit Variable", system-ui, sans-serif';
  if (top > 2 * LATE) {
    label(pen, `${top} ms`, 11);
  }
  label(pen, `${LATE} ms`, Math.min(height - 3, Math.max(11, line + 4)));
}

function label(pen: CanvasRenderingContext2D, text: string, y: number): void {
  pen.fillStyle = COLOURS.shade;
  pen.fillRect(0, y - 11, pen.measureText(text).width + 8, 14);
  pen.fillStyle = COLOURS.text;
  pen.fillText(text, 4, y);
}
