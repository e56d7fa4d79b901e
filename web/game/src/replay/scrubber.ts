/** The bar that shows where in the match one is and takes one elsewhere, with a mark for each death. */

import { element } from '../hud/dom.ts';
import { matchTime, type Playback } from './playback.ts';

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

  constructor(
    private readonly playback: Playback,
    marks: readonly Mark[],
  ) {
    const { root } = this;
    const { start, end, tickRate } = playback;
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

  /** Shows where the playback is; to be called each frame. */
  update(): void {
    const { tick, start, tickRate } = this.playback;
    if (tick === this.shown) {
      return;
    }
    this.shown = tick;
    const share = `${this.shareOf(tick) * 100}%`;
    this.fill.style.width = share;
    this.thumb.style.left = share;
    const seconds = (tick - start) / tickRate;
    this.root.setAttribute('aria-valuenow', seconds.toFixed(1));
    this.root.setAttribute('aria-valuetext', matchTime(tick - start, tickRate));
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
    const { start, end } = this.playback;
    this.playback.seek(start + share * (end - start));
  }

  private press(event: KeyboardEvent): void {
    const target = this.targetOf(event.key);
    if (target !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      this.playback.seek(target);
    }
  }

  private targetOf(key: string): number | undefined {
    const { start, end, tick, tickRate } = this.playback;
    const by = (seconds: number): number => tick + seconds * tickRate;
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
        return start;
      case 'End':
        return end;
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
    const { start, end } = this.playback;
    return (tick - start) / Math.max(1, end - start);
  }
}
