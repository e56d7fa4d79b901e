/**
 * Presses that mean "dash": Space, the right mouse button, and whatever else {@link DashPress.press}
 * is called for. A press counts once, however long it is held.
 */

/** The mouse button's number, as `MouseEvent.button` has it. */
const RIGHT = 2;

/** Waits for a press until it is taken. */
export class DashPress {
  /** Whether the player has a circle that could dash; Space is the page's otherwise. */
  isOffered = false;
  private isPressed = false;
  /** Whether the focus was led by the Tab key, so that Space means what has it. */
  private isTabbed = false;

  /** `surface` takes the mouse; Space is heard in the whole window until `signal` ends that. */
  constructor(surface: HTMLElement, signal: AbortSignal) {
    // Not `pointerdown`: a mouse's second button while the first is held has none.
    surface.addEventListener('mousedown', (event) => this.mouse(event), { signal });
    window.addEventListener('keydown', (event) => this.keyDown(event), { signal });
    window.addEventListener('keyup', (event) => this.keyUp(event), { signal });
    window.addEventListener('pointerdown', () => this.setTabbed(false), { signal, capture: true });
  }

  press(): void {
    this.isPressed = true;
  }

  /** Whether there was a press since the last call. */
  take(): boolean {
    const { isPressed } = this;
    this.isPressed = false;
    return isPressed;
  }

  private mouse(event: MouseEvent): void {
    if (event.button === RIGHT) {
      this.press();
    }
  }

  private keyDown(event: KeyboardEvent): void {
    if (event.code === 'Tab') {
      this.setTabbed(true);
    }
    if (!this.isOurs(event)) {
      return;
    }
    event.preventDefault();
    if (!event.repeat) {
      this.press();
    }
  }

  /** A button that has the focus is pressed by the key's way up. */
  private keyUp(event: KeyboardEvent): void {
    if (this.isOurs(event)) {
      event.preventDefault();
    }
  }

  /** Space belongs to a dialog, to a field, and to a button that the keyboard went to. */
  private isOurs({ code, target, ctrlKey, metaKey }: KeyboardEvent): boolean {
    if (code !== 'Space' || !this.isOffered || ctrlKey || metaKey) {
      return false;
    }
    const at = target instanceof Element ? target : undefined;
    const isField = at?.closest('dialog, input, select, textarea') != null;
    const isControl = at?.closest('button, a, summary') != null;
    return !isField && !(isControl && this.isTabbed);
  }

  private setTabbed(isTabbed: boolean): void {
    this.isTabbed = isTabbed;
  }
}
