/** What a ladder is made for and what it wants done. Types only. */

import type { LinkUse } from '../../protocol/control.ts';
import type { RungKind } from '../../rung.ts';

/** What the ladder wants done. */
export type LadderCommand =
  | { readonly kind: 'open'; readonly attempt: number; readonly rung: RungKind }
  | { readonly kind: 'use'; readonly attempt: number; readonly use: LinkUse }
  | { readonly kind: 'close'; readonly attempt: number; readonly why: string }
  /** The game is carried by another link from now on, or by none. */
  | { readonly kind: 'move'; readonly attempt: number | undefined; readonly why: string };

/** What a ladder is made for. */
export interface LadderOptions {
  /** The rungs that browser and server both have; with one only, that one is forced. */
  readonly rungs: readonly RungKind[];
  /** The rung that won here lately. */
  readonly hint?: RungKind | undefined;
  /** Whether a WebTransport session is up already, for the first attempt on that rung. */
  readonly isWarm?: boolean;
  readonly random: () => number;
}
