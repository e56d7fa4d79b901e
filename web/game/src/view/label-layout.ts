/** Where a name goes and how large it is: inside its circle where it fits, else below. Pure. */

/** Sizes of names in screen pixels; names keep to these, so that they are seldom drawn anew. */
const SIZES = [12, 14, 16, 19, 22, 26, 31] as const;

/** Size of a name below its circle. */
export const OUTSIDE_SIZE = 13;

/** Most characters of a name in the pond; the roster shows more of it. */
const MOST_CHARACTERS = 16;

/** A size is kept until the fitting one differs by more than this share. */
const SLACK = 0.06;

/** Half the height of a name below its circle with the arrow's own half, in screen pixels. */
const NAME_REACH = 19;

/** Half the arrow's width, in screen pixels. */
const ARROW_REACH = 10;

/** Room that a bot's mark takes before its name, in font sizes. */
export const BOT_WIDTH = 1.05;

/** The least side of a sign's square, in screen pixels. */
const LEAST_SIGN = 12;

/** Size of a name inside its circle, or 0 for below it. */
export type InsideSize = number;

/**
 * The size for a name that is `width` font sizes wide, on a circle of `radius` screen pixels, given
 * the size it has now.
 */
export function labelSize(width: number, radius: number, current: InsideSize): InsideSize {
  const fitting = Math.min(radius * 0.52, (radius * 1.72) / Math.max(width, 0.5));
  const wanted = sizeBelow(fitting);
  if (wanted === current) {
    return current;
  }
  const kept =
    wanted > current ? sizeBelow(fitting / (1 + SLACK)) : sizeBelow(fitting * (1 + SLACK));
  return kept === current ? current : wanted;
}

/**
 * How far from a circle's middle an arrow stands at `angle` (radians, clockwise from the right) that
 * would stand at `distance`: farther out where it would cover the name below the circle, which is
 * `nameWidth` wide, 0 for none. All in screen pixels.
 */
export function arrowDistance(
  angle: number,
  distance: number,
  radius: number,
  nameWidth: number,
): number {
  const across = Math.abs(Math.cos(angle));
  const down = Math.sin(angle);
  const middle = radius + OUTSIDE_SIZE;
  const reach = nameWidth / 2 + ARROW_REACH;
  const isClear =
    nameWidth === 0 ||
    distance * across >= reach ||
    Math.abs(distance * down - middle) >= NAME_REACH;
  return isClear ? distance : Math.min(reach / across, (middle + NAME_REACH) / down);
}

/**
 * The square of a seat's sign on a circle of `radius`: in its middle, or above a name that is inside.
 * `size` is the name's, as of {@link labelSize}. Screen pixels.
 */
export function signPlace(
  radius: number,
  size: InsideSize,
  hasName: boolean,
): { readonly side: number; readonly above: number } {
  return hasName && size > 0
    ? { side: Math.max(LEAST_SIGN, radius * 0.62), above: radius * 0.6 }
    : { side: Math.max(LEAST_SIGN, radius * 1.5), above: 0 };
}

/** A name cut to what the pond has room for. */
export function shortName(name: string): string {
  const characters = Array.from(name.trim());
  if (characters.length <= MOST_CHARACTERS) {
    return characters.join('');
  }
  return `${characters
    .slice(0, MOST_CHARACTERS - 1)
    .join('')
    .trimEnd()}…`;
}

function sizeBelow(fitting: number): InsideSize {
  let size = 0;
  for (const candidate of SIZES) {
    if (candidate <= fitting) {
      size = candidate;
    }
  }
  return size;
}
