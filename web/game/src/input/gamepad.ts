/**
 * Gamepads of the standard mapping: the left stick or the cross steers, A or the right trigger
 * dashes, Start opens the settings. The reading is pure; {@link Gamepads} asks the browser.
 */

import { type Steering, steerAlong } from './steering.ts';

/** Buttons' places in the standard mapping. */
const A = 0;
const B = 1;
const RIGHT_TRIGGER = 7;
const START = 9;
const UP = 12;
const DOWN = 13;
const LEFT = 14;
const RIGHT = 15;

/** A stick within this share of its way is at rest; worn ones are never quite there. */
const DEAD_ZONE = 0.18;

/** Beyond this share the throttle is full; few sticks reach all of it along the diagonal. */
const FULL = 0.92;

/** A trigger beyond this share is pressed. */
const TRIGGER = 0.4;

/** The part of the browser's `Gamepad` that is read. */
export interface Pad {
  readonly axes: readonly number[];
  readonly buttons: readonly { readonly pressed: boolean; readonly value: number }[];
}

/** Buttons of ours, whether each is pressed. */
export interface PadButtons {
  dash: boolean;
  confirm: boolean;
  back: boolean;
  start: boolean;
}

/** Writes the steering of a pad: the cross wins, the stick's dead zone is round. */
export function steerByPad(pad: Pad, out: Steering): void {
  const across = held(pad, RIGHT) - held(pad, LEFT);
  const down = held(pad, DOWN) - held(pad, UP);
  if (across !== 0 || down !== 0) {
    steerAlong(across, down, 1, out);
    return;
  }
  const x = pad.axes[0] ?? 0;
  const y = pad.axes[1] ?? 0;
  steerAlong(x, y, (Math.hypot(x, y) - DEAD_ZONE) / (FULL - DEAD_ZONE), out);
}

/** Reads a pad's buttons. */
export function readButtons(pad: Pad, out: PadButtons): void {
  out.confirm = held(pad, A) === 1;
  out.back = held(pad, B) === 1;
  out.start = held(pad, START) === 1;
  out.dash = out.confirm || (pad.buttons[RIGHT_TRIGGER]?.value ?? 0) > TRIGGER;
}

/** Told of a button when it goes down. */
export type PadPressed = (button: keyof PadButtons) => void;

const NAMES = ['dash', 'confirm', 'back', 'start'] as const;

/** The pads that are plugged in. While there is none, it costs nothing. */
export class Gamepads {
  /** What is asked for now; nothing while the stick is at rest. */
  readonly steering: Steering = { x: 0, y: 0 };
  private count = 0;
  private readonly before = noButtons();
  private readonly now = noButtons();

  constructor(signal: AbortSignal) {
    this.recount();
    window.addEventListener('gamepadconnected', () => this.recount(), { signal });
    window.addEventListener('gamepaddisconnected', () => this.recount(), { signal });
  }

  /** Once a frame: reads the first pad that has something to say, and tells of presses. */
  poll(pressed: PadPressed): void {
    if (this.count === 0) {
      return;
    }
    Object.assign(this.before, this.now);
    Object.assign(this.now, NONE);
    this.steering.x = 0;
    this.steering.y = 0;
    for (const pad of connected()) {
      this.read(pad);
    }
    for (const name of NAMES) {
      if (this.now[name] && !this.before[name]) {
        pressed(name);
      }
    }
  }

  private read(pad: Pad): void {
    const buttons = noButtons();
    readButtons(pad, buttons);
    for (const name of NAMES) {
      this.now[name] ||= buttons[name];
    }
    if (this.steering.x === 0 && this.steering.y === 0) {
      steerByPad(pad, this.steering);
    }
  }

  /** What is held down while a pad comes is not a press. */
  private recount(): void {
    const pads = connected();
    this.count = pads.length;
    Object.assign(this.now, NONE);
    this.steering.x = 0;
    this.steering.y = 0;
    for (const pad of pads) {
      this.read(pad);
    }
  }
}

const NONE: Readonly<PadButtons> = noButtons();

function noButtons(): PadButtons {
  return { dash: false, confirm: false, back: false, start: false };
}

/** Pads of another mapping have their buttons anywhere. */
function connected(): readonly Gamepad[] {
  const pads = navigator.getGamepads?.() ?? [];
  return pads.filter((pad) => pad?.connected === true && pad.mapping === 'standard') as Gamepad[];
}

function held(pad: Pad, button: number): number {
  return pad.buttons[button]?.pressed === true ? 1 : 0;
}
