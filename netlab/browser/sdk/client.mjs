// A client of the SDK that plays a game it doesn't understand: each view is opaque, each input neutral.

import { GameClient } from "@battle-circles/sdk";

// Each client is a visitor who was never here: it remembers no rung.
export const NO_MEMORY = { getItem: () => null, setItem: () => {} };

/** `onSnapshot` is called as each snapshot is about to be decoded. */
export function newClient(rung, onSnapshot = () => {}) {
  const adapter = {
    emptyView: {},
    neutralInput: { x: 0, y: 0 },
    decodeDelta: (reader) => {
      onSnapshot();
      while (reader.remaining > 0) reader.u8();
      return {};
    },
    encodeInput: (writer, { x, y }) => writer.i8(x).i8(y),
  };
  return new GameClient({ adapter, rung: rung ?? undefined, storage: NO_MEMORY });
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
