/** The bar that shows where in the match one is and takes one elsewhere, with a mark for each death. */

import { element } from '../hud/dom.ts';
import { matchTime } from './playback.ts';

/** Seconds that a key goes. */
const ARROW = 1;
const PAGE = 10;

/** A death on the bar. */
export interface Mark {
  readonly tick: number;
  readonly title: string;
}

/** A slider over the ticks of one match. */
export class Scrubber {
  readonly root = element('div', 'scrubber');
  private readonly fill = element('div', 'scrubber-fill');
  private readonly thumb = element('div', 'scrubber-thumb');
  private shown = -1;

  /** `seek` is called with a tick whenever the player moves the thumb. */
  constructor(
    private readonly start: number,
    private readonly end: number,
    private readonly tickRate: number,
    marks: readonly Mark[],
    private readonly seek: (tick: number) => void,
  ) {
    const { root } = this;
    root.tabIndex = 0;
    root.setAttribute('role', 'slider');
    root.setAttribute('aria-label', 'Time in the match');
    root.setAttribute('aria-valuemin', '0');
    root.setAttribute('aria-valuemax', ((end - start) / tickRate).toFixed(1));
    const track = element('div', 'scrubber-track');
    track.append(this.fill, ...marks.map((mark) => this.markOf(mark)));
    root.append(track, this.thumb);
    root.addEventListener('pointerdown', (event) => this.grasp(event));
    root.addEventListener('pointermove', (event) => {
      if (root.hasPointerCapture(event.pointerId)) {
        this.seekTo(event);
      }
    });
    root.addEventListener('keydown', (event) => this.press(event));
  }

  /** Shows a tick; to be called each frame. */
  update(tick: number): void {
    if (tick === this.shown) {
      return;
    }
    this.shown = tick;
    const share = `${this.shareOf(tick) * 100}%`;
    this.fill.style.width = share;
    this.thumb.style.left = share;
    const seconds = (tick - this.start) / this.tickRate;
    this.root.setAttribute('aria-valuenow', seconds.toFixed(1));
    this.root.setAttribute('aria-valuetext', matchTime(tick - this.start, this.tickRate));
  }

  private grasp(event: PointerEvent): void {
    if (event.button === 0) {
      event.preventDefault();
      this.root.focus();
      this.root.setPointerCapture(event.pointerId);
      this.seekTo(event);
    }
  }

  private seekTo({ clientX }: PointerEvent): void {
    const { left, width } = this.root.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (clientX - left) / Math.max(1, width)));
    this.seek(this.start + share * (this.end - this.start));
  }

  private press(event: KeyboardEvent): void {
    const target = this.targetOf(event.key);
    if (target !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      this.seek(target);
    }
  }

  private targetOf(key: string): number | undefined {
    const by = (seconds: number): number => this.shown + seconds * this.tickRate;
    switch (key) {
      case 'ArrowLeft':
      case 'ArrowDown':
        return by(-ARROW);
      case 'ArrowRight':
      case 'ArrowUp':
        return by(ARROW);
      case 'PageDown':
        return by(-PAGE);
      case 'PageUp':
        return by(PAGE);
      case 'Home':
        return this.start;
      case 'End':
        return this.end;
      default:
        return undefined;
    }
  }

  private markOf({ tick, title }: Mark): HTMLElement {
    const mark = element('i', 'scrubber-mark');
    mark.style.left = `${this.shareOf(tick) * 100}%`;
    mark.title = title;
    return mark;
  }

  private shareOf(tick: number): number {
    return (tick - this.start) / Math.max(1, this.end - this.start);
  }
}
