/** When somebody seems to be about to play: a hand on the page, not a page that lies in a background tab. */

const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;

/** Calls `onIntent` at the first sign of it within `root`, and at most each `everyMs` from now on. */
export function watchJoinIntent(
  root: EventTarget,
  everyMs: number,
  now: () => number,
  onIntent: () => void,
): void {
  let last = now();
  const note = (): void => {
    if (now() - last >= everyMs) {
      last = now();
      onIntent();
    }
  };
  for (const sign of SIGNS) {
    root.addEventListener(sign, note, { passive: true });
  }
}
