/** What to draw of a sample. */

import type { Sample } from '@battle-circles/sdk';
import type { Game } from './game.ts';
import { type Body, UNITS_PER_PIXEL } from './movement.ts';
import type { Drawn } from './picture.ts';
import type { View } from './view.ts';

/** Everybody who is here, the own figure last, so that it lies on top. */
export function figuresOf(game: Game, sample: Sample<View, Body>): Drawn[] {
  const { from, to, alpha, own, newest } = sample;
  const me = game.welcome?.seat;
  const drawn = to.figures.flatMap((figure, seat): Drawn[] => {
    if (!figure.isHere) {
      return [];
    }
    const before = from.figures[seat];
    const since = before?.isHere ? before : figure;
    const between = (a: number, b: number) => (a + (b - a) * alpha) / UNITS_PER_PIXEL;
    const isOwn = seat === me;
    const isIt = seat === newest.it;
    return [
      {
        seat,
        name: game.nameOf(seat),
        x: isOwn && own ? own.x / UNITS_PER_PIXEL : between(since.x, figure.x),
        y: isOwn && own ? own.y / UNITS_PER_PIXEL : between(since.y, figure.y),
        isIt,
        isOwn,
        isAway: figure.isAway,
        isProtected: newest.isProtected,
      },
    ];
  });
  return drawn.sort((one, other) => Number(one.isOwn) - Number(other.isOwn));
}
