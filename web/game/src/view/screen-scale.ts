/** How much larger than on a usual screen everything is written: the style sheets' rem in their terms. */

/** Pixels of a rem on a usual screen. */
const USUAL_REM = 16;

/** 1 on a usual screen, more on a large one; see `tokens.css`. */
export function screenScale(): number {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Number.isFinite(rem) ? rem / USUAL_REM : 1;
}
