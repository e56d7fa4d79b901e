/** Which figure the places follow, so that the table shows it wherever it shows only one. Pure. */

import type { ResultRow } from '../model/events.ts';

/** A column that may decide. */
export type Ranking = 'score' | 'survived';

/** The score, unless somebody with a lower one stands before a higher one. */
export function rankedBy(rows: readonly ResultRow[]): Ranking {
  const isByScore = rows.every(({ score }, index) => score <= (rows[index - 1]?.score ?? score));
  return isByScore ? 'score' : 'survived';
}
