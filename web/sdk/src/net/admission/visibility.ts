/** Who may be put into a room, as the wire and records have it. */

import type { RoomVisibility } from '../../events.ts';

/** What the server or a record says of a room; nothing for what we don't know. */
export function parseVisibility(value: unknown): RoomVisibility | undefined {
  return value === 'public' || value === 'private' ? value : undefined;
}
