// How the page's clock stands to the wall clock, which every process of the machine shares.

// A loop may be interrupted between the two looks; the best of some is not.
const LOOKS = 5;

/**
 * Milliseconds by which `performance.timeOrigin + performance.now()` is ahead of the wall clock, and when that was. The
 * wall clock here has whole milliseconds only, so it is looked at until it turns to the next.
 */
export function clockOffset() {
  let offset = Number.POSITIVE_INFINITY;
  for (let look = 0; look < LOOKS; look += 1) {
    const before = Date.now();
    let turned = before;
    while (turned === before) turned = Date.now();
    offset = Math.min(offset, performance.timeOrigin + performance.now() - turned);
  }
  return { offset, at: performance.timeOrigin + performance.now() };
}
