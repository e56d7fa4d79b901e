/** Hands to inputs: keys, a pointer that says where to run, and a button to dash. */

import { DASH, DOWN, held, LEFT, RIGHT, UP } from './wire.ts';

const KEYS: Readonly<Record<string, number>> = {
  ArrowLeft: LEFT,
  KeyA: LEFT,
  ArrowRight: RIGHT,
  KeyD: RIGHT,
  ArrowUp: UP,
  KeyW: UP,
  ArrowDown: DOWN,
  KeyS: DOWN,
};

/** From the centre of the own figure a pointer has to be so far away to be a direction. */
const DEAD_ZONE = 12;
/** A pointer leans along an axis by more than the tangent of 22.5°, so that there are eight ways. */
const LEAN = 0.414;

export class Controls {
  private readonly keys = new Set<string>();
  private steer = 0;

  /** `set` is called whenever the input changes; `centre` says where the own figure is on the screen. */
  constructor(
    private readonly set: (input: number) => void,
    private readonly centre: () => { x: number; y: number } | undefined,
  ) {}

  /** Until `signal` says that it is over. */
  listen(plane: HTMLElement, dash: HTMLElement, signal: AbortSignal): void {
    const options = { signal };
    addEventListener('keydown', (event) => this.onKey(event, true), options);
    addEventListener('keyup', (event) => this.onKey(event, false), options);
    addEventListener('blur', () => this.letGo(), options);
    plane.addEventListener('pointerdown', (event) => this.point(event), options);
    plane.addEventListener(
      'pointermove',
      (event) => event.buttons > 0 && this.point(event),
      options,
    );
    plane.addEventListener('pointerup', () => this.turn(0), options);
    plane.addEventListener('pointercancel', () => this.turn(0), options);
    dash.addEventListener('pointerdown', () => this.dash(), options);
  }

  /** Runs this way from now on. */
  turn(steer: number): void {
    if (steer !== this.steer) {
      this.steer = steer;
      this.update();
    }
  }

  dash(): void {
    this.update(DASH);
  }

  private onKey(event: KeyboardEvent, isDown: boolean): void {
    if (event.target instanceof HTMLInputElement || event.repeat) {
      return;
    }
    if (event.code === 'Space') {
      event.preventDefault();
      if (isDown) {
        this.dash();
      }
    } else if (event.code in KEYS) {
      event.preventDefault();
      if (isDown) {
        this.keys.add(event.code);
      } else {
        this.keys.delete(event.code);
      }
      this.update();
    }
  }

  private point(event: PointerEvent): void {
    const centre = this.centre();
    if (centre === undefined) {
      return;
    }
    const [dx, dy] = [event.clientX - centre.x, event.clientY - centre.y];
    const length = Math.hypot(dx, dy);
    const least = length * LEAN;
    const across = Math.abs(dx) > least ? (dx > 0 ? RIGHT : LEFT) : 0;
    const down = Math.abs(dy) > least ? (dy > 0 ? DOWN : UP) : 0;
    this.turn(length < DEAD_ZONE ? 0 : across | down);
  }

  private letGo(): void {
    this.keys.clear();
    this.steer = 0;
    this.update();
  }

  private update(pressed = 0): void {
    const keys = [...this.keys].reduce((bits, code) => bits | (KEYS[code] ?? 0), 0);
    this.set(held(keys | this.steer) | pressed);
  }
}
