/**
 * Listens to keyboard, mouse, touch and gamepad over the pond and keeps the steering they ask for.
 * Keys win over all else while held; a thumb keeps its course after it is lifted, and a tap stops.
 */

import { DashPress } from './dash.ts';
import { Gamepads, type PadButtons } from './gamepad.ts';
import {
  STICK_REACH,
  type Steering,
  steerByKeys,
  steerByPointer,
  steerByStick,
} from './steering.ts';

/** The base follows a thumb that goes farther than this many reaches. */
const LEASH = 1.35;

/** A touch that never moved farther than this is a tap, in screen pixels. */
const TAP_WAY = 10;

const KEYS: Readonly<Record<string, 'up' | 'left' | 'down' | 'right'>> = {
  KeyW: 'up',
  ArrowUp: 'up',
  KeyA: 'left',
  ArrowLeft: 'left',
  KeyS: 'down',
  ArrowDown: 'down',
  KeyD: 'right',
  ArrowRight: 'right',
};

/** The thumb's stick, for who draws it; screen pixels. */
export interface Stick {
  isHeld: boolean;
  baseX: number;
  baseY: number;
  x: number;
  y: number;
}

/** The player's wishes. */
export class Controls {
  /** Called when a gamepad's button that isn't for the pond goes down. */
  onPad: ((button: Exclude<keyof PadButtons, 'dash'>) => void) | undefined;
  readonly stick: Stick = { isHeld: false, baseX: 0, baseY: 0, x: 0, y: 0 };
  private readonly held = { up: false, left: false, down: false, right: false };
  private source: 'none' | 'mouse' | 'touch' | 'pad' = 'none';
  private touchId: number | undefined;
  private touchWay = 0;
  private mouseX = 0;
  private mouseY = 0;
  private readonly course: Steering = { x: 0, y: 0 };
  private readonly listening = new AbortController();
  private readonly dash: DashPress;
  private readonly pads: Gamepads;

  /** `surface` takes pointers; keys are heard in the whole window. */
  constructor(surface: HTMLElement) {
    const { signal } = this.listening;
    this.dash = new DashPress(surface, signal);
    this.pads = new Gamepads(signal);
    surface.addEventListener('pointerdown', (event) => this.pointerDown(event, surface), {
      signal,
    });
    surface.addEventListener('pointermove', (event) => this.pointerMove(event), { signal });
    surface.addEventListener('pointerup', (event) => this.pointerUp(event), { signal });
    surface.addEventListener('pointercancel', (event) => this.pointerUp(event), { signal });
    surface.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
    window.addEventListener('keydown', (event) => this.key(event, true), { signal });
    window.addEventListener('keyup', (event) => this.key(event, false), { signal });
    window.addEventListener('blur', () => this.releaseKeys(), { signal });
  }

  /** Ends listening. */
  dispose(): void {
    this.listening.abort();
  }

  /** Forgets the course and the press, as at the start of a game. */
  reset(): void {
    this.stop();
    this.dash.take();
  }

  /** Whether a dash makes sense now; Space is left to the page otherwise. */
  offerDash(isOffered: boolean): void {
    this.dash.isOffered = isOffered;
  }

  /** Whether a dash was asked for since the last call: Space, a right click, a second finger, A. */
  takeDash(): boolean {
    return this.dash.take();
  }

  /** A dash was asked for by a button of the page's. */
  pressDash(): void {
    this.dash.press();
  }

  /** Once a frame, for what the browser doesn't tell by itself. */
  poll(): void {
    this.pads.poll(this.padPressed);
    const { x, y } = this.pads.steering;
    if (x !== 0 || y !== 0) {
      this.source = 'pad';
    }
  }

  /** Writes what is wished now. The own circle's place and radius are in screen pixels. */
  read(ownX: number, ownY: number, ownRadius: number, out: Steering): void {
    const { up, left, down, right } = this.held;
    if (up || left || down || right) {
      steerByKeys(up, left, down, right, out);
      return;
    }
    if (this.source === 'pad') {
      out.x = this.pads.steering.x;
      out.y = this.pads.steering.y;
      return;
    }
    if (this.source === 'mouse') {
      steerByPointer(this.mouseX - ownX, this.mouseY - ownY, ownRadius, out);
      return;
    }
    out.x = this.course.x;
    out.y = this.course.y;
  }

  private stop(): void {
    this.course.x = 0;
    this.course.y = 0;
  }

  private readonly padPressed = (button: keyof PadButtons): void => {
    if (button === 'dash') {
      this.dash.press();
    } else {
      this.onPad?.(button);
    }
  };

  private pointerDown(event: PointerEvent, surface: HTMLElement): void {
    if (event.pointerType !== 'touch') {
      this.pointerMove(event);
      return;
    }
    if (this.touchId !== undefined) {
      this.dash.press();
      return;
    }
    surface.setPointerCapture(event.pointerId);
    this.source = 'touch';
    this.touchId = event.pointerId;
    this.touchWay = 0;
    const stick = this.stick;
    stick.isHeld = true;
    stick.baseX = event.clientX;
    stick.baseY = event.clientY;
    stick.x = event.clientX;
    stick.y = event.clientY;
  }

  private pointerMove(event: PointerEvent): void {
    if (event.pointerType !== 'touch') {
      this.source = 'mouse';
      this.mouseX = event.clientX;
      this.mouseY = event.clientY;
    } else if (event.pointerId === this.touchId) {
      this.dragStick(event.clientX, event.clientY);
    }
  }

  private pointerUp(event: PointerEvent): void {
    if (event.pointerId !== this.touchId) {
      return;
    }
    this.touchId = undefined;
    this.stick.isHeld = false;
    if (this.touchWay < TAP_WAY) {
      this.stop();
    }
  }

  private dragStick(x: number, y: number): void {
    const stick = this.stick;
    const dx = x - stick.baseX;
    const dy = y - stick.baseY;
    const way = Math.hypot(dx, dy);
    this.touchWay = Math.max(this.touchWay, way);
    stick.x = x;
    stick.y = y;
    const leash = STICK_REACH * LEASH;
    if (way > leash) {
      stick.baseX += dx * (1 - leash / way);
      stick.baseY += dy * (1 - leash / way);
    }
    if (this.touchWay >= TAP_WAY) {
      steerByStick(x - stick.baseX, y - stick.baseY, this.course);
    }
  }

  private key(event: KeyboardEvent, isDown: boolean): void {
    const direction = KEYS[event.code];
    const isTyping = event.target instanceof HTMLInputElement;
    if (direction === undefined || (isDown && (isTyping || event.ctrlKey || event.metaKey))) {
      return;
    }
    this.held[direction] = isDown;
    if (isDown && event.code.startsWith('Arrow')) {
      event.preventDefault();
    }
  }

  private releaseKeys(): void {
    this.held.up = false;
    this.held.left = false;
    this.held.down = false;
    this.held.right = false;
  }
}
