/** Keeps a phone's screen lit while a game runs, where the browser lets a page do that. */

/** A wish that lasts from {@link WakeLock.hold} to {@link WakeLock.release}. */
export class WakeLock {
  private isWanted = false;
  private lock: WakeLockSentinel | undefined;

  constructor() {
    // A browser takes the lock away from a page that isn't seen.
    document.addEventListener('visibilitychange', () => void this.ask());
  }

  hold(): void {
    this.isWanted = true;
    void this.ask();
  }

  release(): void {
    this.isWanted = false;
    const { lock } = this;
    this.lock = undefined;
    lock?.release().catch(() => undefined);
  }

  /** Refused with a low battery, and outside secure pages there is none: the screen goes dark then. */
  private async ask(): Promise<void> {
    const isHeld = this.lock !== undefined && !this.lock.released;
    if (!this.isWanted || isHeld || document.visibilityState !== 'visible') {
      return;
    }
    const lock = await navigator.wakeLock?.request('screen').catch(() => undefined);
    this.lock = lock;
    if (!this.isWanted) {
      this.release();
    }
  }
}
