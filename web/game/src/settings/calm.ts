/** Whether the picture is to be calm: by the system's wish for reduced motion, or by choice. */

import type { SettingsStore } from './settings.ts';

const SYSTEM = '(prefers-reduced-motion: reduce)';

export function wantsCalm(store: SettingsStore): boolean {
  return store.current.isCalm || window.matchMedia(SYSTEM).matches;
}

/** Tells of each time that the wish may have changed, until `signal` ends it. */
export function onCalm(
  store: SettingsStore,
  signal: AbortSignal,
  tell: (isCalm: boolean) => void,
): void {
  const changed = (): void => tell(wantsCalm(store));
  window.matchMedia(SYSTEM).addEventListener('change', changed, { signal });
  signal.addEventListener('abort', store.onChange(changed));
}
