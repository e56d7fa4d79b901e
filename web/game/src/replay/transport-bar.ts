/** Play, steps, speed, time and the scrubber: the bar below the picture. */

import { element, setText } from '../hud/dom.ts';
import { segmented } from '../players/segmented.ts';
import { matchTime, type Playback, SPEEDS } from './playback.ts';
import { type Mark, Scrubber } from './scrubber.ts';

const SPEED_LABELS: Readonly<Record<(typeof SPEEDS)[number], string>> = {
  0.25: '¼×',
  0.5: '½×',
  1: '1×',
  2: '2×',
  4: '4×',
};

const SKIP_SECONDS = 5;

/** The controls of one playback. */
export class TransportBar {
  readonly root = element('section', 'replay-transport');
  private readonly play = element('button', 'replay-play');
  private readonly time = element('span', 'replay-time-now');
  private readonly scrubber: Scrubber;

  constructor(
    private readonly playback: Playback,
    marks: readonly Mark[],
  ) {
    const { start, end, tickRate } = playback;
    this.root.setAttribute('aria-label', 'Playback');
    this.scrubber = new Scrubber(playback, marks);
    this.play.type = 'button';
    this.play.addEventListener('click', () => playback.toggle());
    const buttons = element('div', 'replay-buttons');
    buttons.append(
      skip('−5', 'Five seconds back', 'is-back', () => playback.skip(-SKIP_SECONDS)),
      this.play,
      skip('+5', 'Five seconds on', 'is-on', () => playback.skip(SKIP_SECONDS)),
      speeds(playback),
    );
    const time = element('p', 'replay-time');
    const whole = ` / ${matchTime(end - start, tickRate)}`;
    time.append(this.time, element('span', 'replay-time-whole', whole));
    this.root.append(buttons, time, this.scrubber.root);
  }

  /** Shows how the playback stands; to be called each frame. */
  update(): void {
    const { start, tick, tickRate, isPlaying } = this.playback;
    this.scrubber.update();
    setText(this.time, matchTime(tick - start, tickRate));
    const label = isPlaying ? 'Pause' : 'Play';
    if (this.play.getAttribute('aria-label') !== label) {
      this.play.setAttribute('aria-label', label);
      this.play.classList.toggle('is-playing', isPlaying);
    }
  }
}

function skip(text: string, label: string, way: string, press: () => void): HTMLElement {
  const button = element('button', `icon-button replay-skip ${way}`, text);
  button.type = 'button';
  button.setAttribute('aria-label', label);
  button.addEventListener('click', press);
  return button;
}

function speeds(playback: Playback): HTMLElement {
  const segments = SPEEDS.map((value) => ({ value, label: SPEED_LABELS[value] }));
  const bar = segmented('Speed', segments, (speed) => {
    playback.speed = speed;
  });
  bar.classList.add('replay-speeds');
  const usual = bar.querySelectorAll('input')[SPEEDS.indexOf(1)];
  if (usual !== undefined) {
    usual.checked = true;
  }
  return bar;
}
