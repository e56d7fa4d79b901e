/** The connection in a word: rung and round trip, and a sign of its quality. Opens the net graph. */

import type { Stats, Status } from '@battle-circles/sdk';
import { element, setText } from './dom.ts';
import { rungName } from './format.ts';

/** The button at the bottom left. */
export class Badge {
  readonly root = element('button', 'panel badge');
  private readonly bars = element('span', 'badge-bars');
  private readonly rung = element('span', 'badge-rung');
  private readonly time = element('span', 'badge-time');

  constructor(onToggle: () => void) {
    this.root.type = 'button';
    this.root.setAttribute('aria-expanded', 'false');
    this.root.setAttribute('aria-controls', 'net-graph');
    for (let bar = 0; bar < 3; bar += 1) {
      this.bars.append(element('i', 'badge-bar'));
    }
    this.root.append(this.bars, this.rung, this.time);
    this.root.addEventListener('click', onToggle);
  }

  setExpanded(isOpen: boolean): void {
    this.root.setAttribute('aria-expanded', String(isOpen));
  }

  update(status: Status, stats: Stats): void {
    const rung = rungName(status.rung);
    const time = stats.rtt > 0 ? `${Math.round(stats.rtt)} ms` : '–';
    setText(this.rung, rung);
    setText(this.time, time);
    const level = quality(status, stats);
    if (this.bars.getAttribute('data-level') !== level) {
      this.bars.setAttribute('data-level', level);
    }
    const label = `Connection: ${rung}, round trip ${time}. Show the net graph.`;
    if (this.root.getAttribute('aria-label') !== label) {
      this.root.setAttribute('aria-label', label);
    }
  }
}

/** Three bars for a good link, one for a bad one, none where nothing comes in. */
function quality(status: Status, stats: Stats): '0' | '1' | '2' | '3' {
  if (status.quality === 'gone' || status.state !== 'playing') {
    return '0';
  }
  if (status.quality === 'bad') {
    return '1';
  }
  return stats.loss > 0.03 || stats.rtt > 160 ? '2' : '3';
}
