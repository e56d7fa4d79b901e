import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Controls } from '../src/input/controls.ts';

/** An element as far as the controls ask: which of these selectors it is inside of. */
class PretendElement extends EventTarget {
  constructor(private readonly inside: readonly string[] = []) {
    super();
  }

  closest(selectors: string): PretendElement | null {
    return selectors.split(', ').some((selector) => this.inside.includes(selector)) ? this : null;
  }

  setPointerCapture(): void {
    // There is no pointer to capture.
  }
}

describe('a dash', () => {
  let surface: PretendElement;
  let controls: Controls;

  beforeEach(() => {
    vi.stubGlobal('window', new EventTarget());
    vi.stubGlobal('navigator', {});
    vi.stubGlobal('Element', PretendElement);
    vi.stubGlobal('HTMLInputElement', class {});
    surface = new PretendElement();
    controls = new Controls(surface as unknown as HTMLElement);
    controls.offerDash(true);
  });

  afterEach(() => {
    controls.dispose();
    vi.unstubAllGlobals();
  });

  function send(to: EventTarget, type: string, facts: object): Event {
    const event = new Event(type, { cancelable: true });
    for (const [name, value] of Object.entries(facts)) {
      Object.defineProperty(event, name, { value });
    }
    to.dispatchEvent(event);
    return event;
  }

  function space(type: 'keydown' | 'keyup', facts: object = {}): Event {
    return send(window, type, { code: 'Space', target: surface, ...facts });
  }

  function touch(pointerId: number): void {
    send(surface, 'pointerdown', { pointerType: 'touch', pointerId, clientX: 9, clientY: 9 });
  }

  test('is taken once for each press of Space, however long it is held', () => {
    space('keydown');
    space('keydown', { repeat: true });
    expect([controls.takeDash(), controls.takeDash()]).toEqual([true, false]);
    space('keydown', { repeat: true });
    expect(controls.takeDash()).toBe(false);
    space('keyup');
    space('keydown');
    expect(controls.takeDash()).toBe(true);
  });

  test('by Space neither scrolls nor presses the button that was clicked last', () => {
    const button = new PretendElement(['button']);
    send(window, 'pointerdown', {});
    expect(space('keydown', { target: button }).defaultPrevented).toBe(true);
    expect(space('keyup', { target: button }).defaultPrevented).toBe(true);
    expect(controls.takeDash()).toBe(true);
  });

  test('leaves Space to a button that the Tab key went to, to fields and to dialogs', () => {
    const field = space('keydown', { target: new PretendElement(['input']) });
    const dialog = space('keydown', { target: new PretendElement(['dialog', 'button']) });
    send(window, 'keydown', { code: 'Tab' });
    const button = space('keydown', { target: new PretendElement(['button']) });
    expect([field, dialog, button].map(({ defaultPrevented }) => defaultPrevented)).toEqual([
      false,
      false,
      false,
    ]);
    expect(controls.takeDash()).toBe(false);
  });

  test('leaves Space to the page while there is no circle', () => {
    controls.offerDash(false);
    expect(space('keydown').defaultPrevented).toBe(false);
    expect(controls.takeDash()).toBe(false);
  });

  test('comes from the right button of the mouse, which opens no menu', () => {
    send(surface, 'mousedown', { button: 0 });
    expect(controls.takeDash()).toBe(false);
    send(surface, 'mousedown', { button: 2 });
    expect(controls.takeDash()).toBe(true);
    expect(send(surface, 'contextmenu', {}).defaultPrevented).toBe(true);
  });

  test('comes from a second finger while the first one steers', () => {
    touch(1);
    expect(controls.takeDash()).toBe(false);
    touch(2);
    expect([controls.takeDash(), controls.stick.isHeld]).toEqual([true, true]);
    send(surface, 'pointerup', { pointerId: 2 });
    expect(controls.stick.isHeld).toBe(true);
  });

  test('isn’t kept for the next game', () => {
    space('keydown');
    controls.reset();
    expect(controls.takeDash()).toBe(false);
  });

  test('comes from a gamepad’s A, once, and the pad steers until another is used', () => {
    const out = { x: 0, y: 0 };
    const buttons = Array.from({ length: 17 }, () => ({ pressed: false, value: 0 }));
    const pad = { connected: true, mapping: 'standard', axes: [1, 0], buttons };
    vi.stubGlobal('navigator', { getGamepads: () => [null, pad] });
    send(window, 'gamepadconnected', {});
    controls.poll();
    buttons[0] = { pressed: true, value: 1 };
    controls.poll();
    controls.poll();
    controls.read(0, 0, 20, out);
    expect([controls.takeDash(), controls.takeDash(), out]).toEqual([
      true,
      false,
      { x: 127, y: 0 },
    ]);
    pad.axes[0] = 0;
    controls.poll();
    controls.read(0, 0, 20, out);
    expect(out).toEqual({ x: 0, y: 0 });
    send(surface, 'pointermove', { pointerType: 'mouse', clientX: 500, clientY: 0 });
    controls.poll();
    controls.read(0, 0, 20, out);
    expect(out.x).toBe(127);
  });
});
