/** The golden match's view file, and what a player of it would have seen. */

import { readFileSync } from 'node:fs';
import { Film } from '../../src/replay/film.ts';
import { readViewFile, type ViewFile } from '../../src/replay/view-file.ts';
import type { SeenCircle, Sight, SightRow } from '../../src/sight/sight-file.ts';

/** The file's bytes, of one's own. */
export function goldenBytes(): Uint8Array<ArrayBuffer> {
  const url = new URL('../../../../tests/golden/match.bcview', import.meta.url);
  return new Uint8Array(readFileSync(url));
}

export const goldenFile: ViewFile = readViewFile(goldenBytes());

/** What the golden match's player at `seat` saw who had others `late` ticks late and itself at once. */
export function sightOf(seat: number, late: number, from: number, to: number): Sight {
  const film = new Film(goldenFile);
  const rows: SightRow[] = [];
  for (let tick = from; tick < to; tick += 3) {
    const others = circlesAt(film, tick - late).filter((circle) => circle.seat !== seat);
    const own = circlesAt(film, tick).filter((circle) => circle.seat === seat);
    rows.push({
      serverTick: tick,
      shownTick: tick - late,
      ownTick: tick,
      ownSeat: seat,
      isExtrapolated: false,
      isFrozen: false,
      circles: [...others, ...own].sort((a, b) => a.seat - b.seat),
    });
  }
  return { room: 'pond', name: 'Pia', tickRate: goldenFile.tickRate, rows };
}

function circlesAt(film: Film, tick: number): SeenCircle[] {
  const { from, to, alpha } = film.at(tick);
  const between = (a: number, b: number): number => Math.round(a + (b - a) * alpha);
  return Array.from({ length: 16 }, (_, seat) => seat)
    .filter((seat) => from.hasCircle(seat) && to.hasCircle(seat))
    .map((seat) => ({
      seat,
      x: between(from.circleX[seat] ?? 0, to.circleX[seat] ?? 0),
      y: between(from.circleY[seat] ?? 0, to.circleY[seat] ?? 0),
      radius: from.circleRadius[seat] ?? 0,
    }));
}
