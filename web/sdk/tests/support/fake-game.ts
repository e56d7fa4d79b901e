/** The smallest game: all see one number, and each player moves a number of their own. */

import type { GameAdapter } from '../../src/adapter.ts';

export interface View {
  readonly world: number;
  readonly own: number;
}

export const adapter: GameAdapter<View, number, number> = {
  emptyView: { world: 0, own: 0 },
  neutralInput: 0,
  decodeDelta: (reader, baseline) => ({
    world: baseline.world + reader.i32(),
    own: reader.i32(),
  }),
  encodeInput: (writer, input) => {
    writer.i8(input);
  },
  prediction: {
    own: (view) => view.own,
    step: (own, input) => own + input,
    position: (own) => ({ x: own, y: 0 }),
  },
  playerCount: () => 1,
};
