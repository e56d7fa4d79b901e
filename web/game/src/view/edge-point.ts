/** Where at a picture's edge one is told of something that is out of it. Pure. */

/** How far from the edge an arrow head stands, in screen pixels. */
const INSET = 26;

/** Where an arrow head stands. */
export interface EdgePoint {
  x: number;
  y: number;
  /** Whether the circle is out of the picture at all. */
  isOut: boolean;
}

/**
 * Where at the edge of a picture of `width` by `height` a circle at (x, y) that is out of it is told
 * of: on the straight line from the picture's middle. All in screen pixels.
 */
export function edgePoint(
  x: number,
  y: number,
  radius: number,
  width: number,
  height: number,
  out: EdgePoint,
): void {
  out.isOut = x + radius < 0 || y + radius < 0 || x - radius > width || y - radius > height;
  const dx = x - width / 2;
  const dy = y - height / 2;
  const share = Math.min(
    1,
    (width / 2 - INSET) / Math.max(1, Math.abs(dx)),
    (height / 2 - INSET) / Math.max(1, Math.abs(dy)),
  );
  out.x = width / 2 + dx * share;
  out.y = height / 2 + dy * share;
}
