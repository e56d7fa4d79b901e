/** When somebody seems to be about to play: a hand on the page, not a page that lies in a background tab. */

const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;

/** How often a sign counts; `isFirst`: whether the very first one does, for nothing was prepared at the load. */
export interface IntentRate {
  readonly everyMs: number;
  readonly isFirst: boolean;
}

/** Calls `onIntent` at signs of it within `root`, and at most so often from now on. */
export function watchJoinIntent(
  root: EventTarget,
  { everyMs, isFirst }: IntentRate,
  now: () => number,
  onIntent: () => void,
): void {
  let last = isFirst ? Number.NEGATIVE_INFINITY : now();
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
