/**
 * The game's sounds as recipes: a few tones each, made when they are heard. There are no files to
 * load. All of them keep well above what a phone's speaker drops.
 */

/** One tone that glides and fades. */
export interface Tone {
  readonly wave: 'sine' | 'triangle' | 'noise';
  /** Hertz at its start and at its end; for noise, where the filter cuts. */
  readonly from: number;
  readonly to: number;
  /** Seconds from the sound's start, and how long it takes to fade. */
  readonly at: number;
  readonly length: number;
  /** 0 to 1. */
  readonly gain: number;
}

/** What can be heard. */
export type SoundName =
  | 'knibble'
  | 'circle'
  | 'eaten'
  | 'heart'
  | 'ring'
  | 'tick'
  | 'go'
  | 'win'
  | 'lose'
  | 'dash';

/** A sound's tones. */
export const SOUNDS: Readonly<Record<SoundName, readonly Tone[]>> = {
  knibble: [tone('sine', 430, 640, 0, 0.09, 0.2)],
  circle: [
    tone('sine', 170, 430, 0, 0.2, 0.42),
    tone('triangle', 340, 860, 0.05, 0.16, 0.12),
    tone('noise', 900, 260, 0, 0.14, 0.2),
  ],
  eaten: [tone('triangle', 420, 92, 0, 0.55, 0.42), tone('noise', 1_300, 140, 0.02, 0.5, 0.26)],
  heart: [tone('triangle', 122, 74, 0, 0.15, 0.42), tone('triangle', 108, 66, 0.19, 0.17, 0.3)],
  ring: [
    tone('sine', 330, 327, 0, 1.1, 0.2),
    tone('sine', 495, 491, 0.02, 0.9, 0.13),
    tone('sine', 392, 389, 0.32, 1.2, 0.18),
  ],
  tick: [tone('sine', 620, 600, 0, 0.12, 0.28)],
  go: [tone('sine', 930, 930, 0, 0.4, 0.26), tone('triangle', 465, 465, 0, 0.34, 0.16)],
  win: [
    tone('triangle', 523, 523, 0, 0.26, 0.26),
    tone('triangle', 659, 659, 0.13, 0.26, 0.26),
    tone('triangle', 784, 784, 0.26, 0.3, 0.26),
    tone('triangle', 1_047, 1_047, 0.4, 0.9, 0.28),
    tone('sine', 659, 659, 0.4, 0.9, 0.16),
  ],
  lose: [
    tone('sine', 392, 390, 0, 0.34, 0.26),
    tone('sine', 349, 347, 0.2, 0.34, 0.24),
    tone('sine', 294, 290, 0.4, 0.7, 0.26),
  ],
  dash: [tone('noise', 500, 2_600, 0, 0.22, 0.34), tone('sine', 210, 480, 0, 0.16, 0.22)],
};

function tone(
  wave: Tone['wave'],
  from: number,
  to: number,
  at: number,
  length: number,
  gain: number,
): Tone {
  return { wave, from, to, at, length, gain };
}
