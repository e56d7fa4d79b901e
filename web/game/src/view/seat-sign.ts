/**
 * A sign for each seat beside its colour, so that circles, roster and map can be matched without
 * seeing colour, and one for bots. Shapes only, as SVG paths to be filled by the even-odd rule.
 */

/** Side of the square that each path lies in the middle of. */
export const SIGN_BOX = 24;

/** No two look alike when they are seven pixels wide. */
export const SIGNS = [
  'M12 5.5 18 16.5H6Z',
  'M7 7H17V17H7Z',
  'M10.2 5.5h3.6v4.7h4.7v3.6h-4.7v4.7h-3.6v-4.7H5.5v-3.6h4.7Z',
  'M12 5.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13Zm0 3.2a3.3 3.3 0 1 1 0 6.6a3.3 3.3 0 1 1 0-6.6Z',
  'M12 4.8 17.5 12 12 19.2 6.5 12Z',
  'M6.8 6h3.6v12H6.8ZM13.6 6h3.6v12h-3.6Z',
  'M12 18.5 6 7.5H18Z',
  'M7.6 5.1 12 9.5 16.4 5.1 18.9 7.6 14.5 12 18.9 16.4 16.4 18.9 12 14.5 7.6 18.9 5.1 16.4 9.5 12 5.1 7.6Z',
  'M12 7.8a4.2 4.2 0 1 0 0 8.4a4.2 4.2 0 1 0 0-8.4Z',
  'M5.5 10h13v4h-13Z',
  'M10 5.5a6.5 6.5 0 0 1 0 13Z',
  'M12 4.3 13.9 9.5 19.3 9.6 15 13 16.5 18.2 12 15.2 7.5 18.2 9 13 4.7 9.6 10.1 9.5Z',
] as const;

/** A head with an antenna and two eyes. */
export const BOT =
  'M11 2.5h2v3.3h4.5A2.7 2.7 0 0 1 20.2 8.5v8a2.7 2.7 0 0 1-2.7 2.7h-11A2.7 2.7 0 0 1 3.8 16.5v-8A2.7 2.7 0 0 1 6.5 5.8H11ZM8.4 10.5a1.9 1.9 0 1 0 0 3.8a1.9 1.9 0 1 0 0-3.8ZM15.6 10.5a1.9 1.9 0 1 0 0 3.8a1.9 1.9 0 1 0 0-3.8Z';

/** The sign of a seat; where seats outnumber signs, colours differ ({@link circleColour}). */
export function signOf(seat: number): number {
  return seat % SIGNS.length;
}
