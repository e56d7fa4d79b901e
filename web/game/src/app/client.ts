/** The part of the SDK's client that the game uses, so that the gallery can stand in for it. */

import type { GameClient } from '@battle-circles/sdk';
import type { Own } from '../model/adapter.ts';
import type { GameInput } from '../model/events.ts';
import type { View } from '../model/view.ts';

/** One player's session, as the game needs it. */
export type Client = Pick<
  GameClient<View, GameInput, Own>,
  | 'action'
  | 'connect'
  | 'leave'
  | 'on'
  | 'prepare'
  | 'recording'
  | 'resumable'
  | 'sample'
  | 'setInput'
  | 'stats'
  | 'status'
>;
