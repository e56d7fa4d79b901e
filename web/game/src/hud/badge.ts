/** The connection in a word: rung, round trip, and the verdict as bars. Opens the net graph. */

import type { Stats, Status } from '@battle-circles/sdk';
import { element, setText } from './dom.ts';
import { rungName } from './format.ts';
import type { Level, Verdict } from './verdict.ts';

/** A number that changes more often than this can't be read, in milliseconds. */
const TIME_INTERVAL = 500;

/** Three bars for a good link, one for a bad one, none where there is no game. */
const BARS: Readonly<Record<Level, string>> = { good: '3', fair: '2', bad: '1', gone: '0' };

/** The button at the bottom left. */
export class Badge {
  readonly root = element('button', 'panel badge');
  /** For who can't see the bars. */
  private readonly word = element('span', 'sr-only');
  private readonly bars = element('span', 'badge-bars');
  private readonly rung = element('span', 'badge-rung');
  private readonly time = element('span', 'badge-time');
  private timeAt = Number.NEGATIVE_INFINITY;

  constructor(onToggle: () => void) {
    this.root.type = 'button';
    this.root.setAttribute('aria-expanded', 'false');
    this.root.setAttribute('aria-controls', 'net-graph');
    for (let bar = 0; bar < 3; bar += 1) {
      this.bars.append(element('i', 'badge-bar'));
    }
    const opens = element('span', 'sr-only', '. Show the net graph.');
    this.root.append(this.word, this.bars, this.rung, ' ', this.time, opens);
    this.root.addEventListener('click', onToggle);
  }

  setExpanded(isOpen: boolean): void {
    this.root.setAttribute('aria-expanded', String(isOpen));
  }

  /** Shows how things are; `now` in milliseconds. */
  update(status: Status, stats: Stats, verdict: Verdict, now: number): void {
    const rung = rungName(status.rung);
    setText(this.rung, rung);
    const level = BARS[verdict.level];
    const isNewLevel = this.bars.getAttribute('data-level') !== level;
    if (isNewLevel) {
      this.bars.setAttribute('data-level', level);
    }
    if (isNewLevel || now - this.timeAt >= TIME_INTERVAL) {
      this.timeAt = now;
      setText(this.time, timeText(verdict.level, stats.rtt));
    }
    setText(this.word, `Connection: ${verdict.word}, `);
  }
}

/** The round trip; without a game the last one says nothing. */
function timeText(level: Level, roundTrip: number): string {
  if (level === 'gone') {
    return 'offline';
  }
  return roundTrip > 0 ? `${Math.round(roundTrip)} ms` : '–';
}
