/** A room in which one plays from the start, or nearly. */

import type { RoomSummary } from '@battle-circles/sdk';

/** What Battle Circles says of a room whose match has not got far (`game/src/lib.rs`, the listing). */
const EARLY = 'early';

/** Of these rooms, the one with most players that a newcomer can still make something of; nothing when there is none. */
export function earlyRoom(rooms: readonly RoomSummary[], present: string): string | undefined {
  const open = rooms.filter(
    ({ room, label, players, capacity }) =>
      room !== present && label === EARLY && players < capacity,
  );
  return open.sort((a, b) => b.players - a.players)[0]?.room;
}

/** A name for a new one. */
export function newRoomName(): string {
  return `pond-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`;
}
