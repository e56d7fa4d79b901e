/** What the link does, in numbers and as a curve of snapshot ages; opened by the badge. */

import type { Stats } from '@battle-circles/sdk';
import { element, penFor, setText } from './dom.ts';
import { bitRate, percent, rungName } from './format.ts';
import { SaveRecording } from './save-recording.ts';

/** Snapshot ages that the plot has room for, and the age at its top, at least. */
const COLUMNS = 120;
const LEAST_TOP = 200;

/** Ages above these are drawn as late and as very late, in milliseconds. */
const LATE = 150;
const VERY_LATE = 300;

type Row =
  | 'Rung'
  | 'Round trip'
  | 'Snapshot age'
  | 'Jitter'
  | 'Loss'
  | 'Starved'
  | 'Interpolation'
  | 'Corrections'
  | 'Snapshots'
  | 'Bandwidth';

const ROWS: readonly Row[] = [
  'Rung',
  'Round trip',
  'Snapshot age',
  'Jitter',
  'Loss',
  'Starved',
  'Interpolation',
  'Corrections',
  'Snapshots',
  'Bandwidth',
];

/** The panel above the badge. */
export class NetGraph {
  readonly root = element('section', 'panel net-graph');
  private readonly canvas = element('canvas', 'net-graph-plot');
  private readonly values = new Map<Row, HTMLElement>();
  private pen: CanvasRenderingContext2D | undefined;
  private width = 0;
  private lastIn = 0;
  private lastOut = 0;
  private lastAt = 0;
  private rate = '–';

  /** `recording` gives what the network did, as CSV. */
  constructor(onClose: () => void, recording: () => string) {
    this.root.id = 'net-graph';
    this.root.hidden = true;
    this.root.setAttribute('aria-label', 'Net graph');
    const head = element('header', 'net-graph-head');
    const close = element('button', 'icon-button', '×');
    close.type = 'button';
    close.setAttribute('aria-label', 'Close the net graph');
    close.addEventListener('click', onClose);
    head.append(element('h2', 'net-graph-title', 'Net graph'), close);
    this.canvas.setAttribute('role', 'img');
    this.canvas.setAttribute('aria-label', 'Age of the last snapshots');
    const list = element('dl', 'net-graph-rows');
    for (const row of ROWS) {
      const value = element('dd', 'net-graph-value', '–');
      this.values.set(row, value);
      list.append(element('dt', 'net-graph-label', row), value);
    }
    this.root.append(head, this.canvas, list, new SaveRecording(recording).root);
  }

  get isOpen(): boolean {
    return !this.root.hidden;
  }

  setOpen(isOpen: boolean): void {
    this.root.hidden = !isOpen;
  }

  /** Takes the newest figures; `now` in milliseconds. To be called a few times a second. */
  update(stats: Stats, now: number): void {
    this.measureRate(stats, now);
    if (!this.isOpen) {
      return;
    }
    const { p50, p99 } = stats.snapshotAge;
    this.set(
      'Rung',
      rungName(stats.rung) + (stats.rungChanges > 0 ? ` (${stats.rungChanges} changes)` : ''),
    );
    this.set('Round trip', milliseconds(stats.rtt));
    this.set('Snapshot age', `${Math.round(p50)} ms, p99 ${Math.round(p99)} ms`);
    this.set('Jitter', milliseconds(stats.jitter));
    this.set('Loss', `${percent(stats.loss)} down, ${percent(stats.lossUp)} up`);
    this.set('Starved', percent(stats.starvedFraction));
    this.set('Interpolation', milliseconds(stats.interpolationDelay));
    this.set('Corrections', `p95 ${stats.corrections.p95.toFixed(1)} px`);
    this.set('Snapshots', `${stats.snapshotRate.toFixed(1)} a second`);
    this.set('Bandwidth', this.rate);
    this.plot(stats.recentAges);
  }

  private set(row: Row, text: string): void {
    const value = this.values.get(row);
    if (value !== undefined) {
      setText(value, text);
    }
  }

  private measureRate(stats: Stats, now: number): void {
    const time = now - this.lastAt;
    if (time < 900) {
      return;
    }
    const down = bitRate(stats.bytesIn - this.lastIn, time);
    const up = bitRate(stats.bytesOut - this.lastOut, time);
    this.rate = this.lastAt === 0 ? '–' : `${down} down, ${up} up`;
    this.lastIn = stats.bytesIn;
    this.lastOut = stats.bytesOut;
    this.lastAt = now;
  }

  private plot(ages: readonly number[]): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width !== this.width) {
      this.width = width;
      this.pen = penFor(this.canvas, width, height);
    }
    if (this.pen !== undefined) {
      drawAges(this.pen, width, height, ages);
    }
  }
}

function drawAges(
  pen: CanvasRenderingContext2D,
  width: number,
  height: number,
  ages: readonly number[],
): void {
  pen.clearRect(0, 0, width, height);
  const top = Math.max(LEAST_TOP, ...ages) * 1.08;
  const shown = ages.slice(-COLUMNS);
  const column = width / COLUMNS;
  for (const [index, age] of shown.entries()) {
    const length = Math.max(1.5, (age / top) * height);
    const x = width - (shown.length - index) * column;
    pen.fillStyle = age >= VERY_LATE ? '#ff7a4d' : age >= LATE ? '#ffcf5c' : '#5cc9bd';
    pen.fillRect(x, height - length, Math.max(1, column - 0.8), length);
  }
  const line = height - (LATE / top) * height;
  pen.fillStyle = 'rgba(6, 17, 26, 0.7)';
  pen.fillRect(0, 0, 46, 15);
  pen.fillStyle = 'rgba(234, 246, 245, 0.35)';
  pen.fillRect(0, line, width, 1);
  pen.font = '11px "Outfit Variable", system-ui, sans-serif';
  pen.fillStyle = 'rgba(234, 246, 245, 0.7)';
  pen.fillText(`${LATE} ms`, 4, 11);
}

function milliseconds(value: number): string {
  return value > 0 && value < 9.95 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}
