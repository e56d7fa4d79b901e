/** Thrown when the browser can't draw the pond at all. */
export class NoGraphicsError extends Error {
  override readonly name = 'NoGraphicsError';
}
