/**
 * The game's colours, the one place for them on the canvas; `style/tokens.css` holds those of the
 * HUD. Knibbles use a palette after Okabe and Ito, which colour-blind people can tell apart.
 */

/** Deep water, also the page's ground while the picture loads. */
export const DEEP = 0x061019;

/** The own circle, in the pond, the roster and the minimap. */
export const OWN = 0xffcf5c;

/** The ring of the boundary. */
export const RING = 0x8ff5e6;

/** The rim of a circle that could eat the own one. */
export const THREAT = 0xff7a4d;

/** The brackets around a circle that the own one could eat. */
export const PREY = 0xcdeee8;

/** Light text, and lines over water. */
export const LIGHT = 0xeaf6f5;

/** Dark text on circles. */
export const INK = 0x08202b;

/** Knibbles, by slot. */
const KNIBBLES = [0xf0a30a, 0x56b4e9, 0x14b889, 0xf5e74f, 0xd884b4, 0xf2682c] as const;

/**
 * Other circles, by seat; muted, so that knibbles and the own circle stand out, and light enough for
 * dark names. Neighbours differ most.
 */
const CIRCLES = [
  0x6ea8dc, 0xdc8f85, 0x74b893, 0xab97de, 0xbcc6dc, 0xbe9b7d, 0x5fb5c2, 0xd58eb5, 0xa0ac54,
  0xe0bfc0, 0xbb9bb1, 0x4ab4a4,
] as const;

/** How far the seats beyond the last colour are moved on, so that no pair of colour and sign comes twice. */
const SECOND_ROUND = 5;

/** A knibble's colour follows from its slot. */
export function knibbleColour(slot: number): number {
  return KNIBBLES[slot % KNIBBLES.length] as number;
}

/** A circle's colour, the own one's apart. */
export function circleColour(seat: number, ownSeat: number): number {
  const round = Math.floor(seat / CIRCLES.length);
  const index = (seat + round * SECOND_ROUND) % CIRCLES.length;
  return seat === ownSeat ? OWN : (CIRCLES[index] as number);
}

/** `#rrggbb`, for style sheets and 2D canvases. */
export function cssColour(colour: number): string {
  return `#${colour.toString(16).padStart(6, '0')}`;
}
