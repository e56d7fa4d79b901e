/**
 * What a page needs to come back to its seat after a reload, kept for its tab alone. Storage that is
 * missing, full or forbidden is done without: the seat is then gone with the page.
 */

import type { RoomVisibility, TabStorage } from './events.ts';
import { parseVisibility } from './net/admission/visibility.ts';

/** A seat to come back to. */
export interface KeptSeat {
  readonly name: string;
  readonly room: string;
  readonly visibility: RoomVisibility | undefined;
  /** The session's token; without one the seat is lost, and a new one in its room will do. */
  readonly token: string | undefined;
}

/** The record of one origin's seat. */
export class ResumeStore {
  private readonly storage: TabStorage | undefined;
  private readonly key: string;

  constructor(storage: TabStorage | undefined, origin: string) {
    this.storage = storage;
    this.key = `battle-circles.seat ${origin}`;
  }

  read(): KeptSeat | undefined {
    try {
      return parseSeat(JSON.parse(this.storage?.getItem(this.key) ?? 'null'));
    } catch {
      return undefined;
    }
  }

  write(seat: KeptSeat): void {
    try {
      this.storage?.setItem(this.key, JSON.stringify(seat));
    } catch {
      // A reload then begins at the start screen.
    }
  }

  forget(): void {
    try {
      this.storage?.removeItem(this.key);
    } catch {
      // A seat that can't be forgotten is refused by the server.
    }
  }
}

function parseSeat(value: unknown): KeptSeat | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const { name, room, visibility, token } = value as Record<string, unknown>;
  if (typeof name !== 'string' || typeof room !== 'string') {
    return undefined;
  }
  return {
    name,
    room,
    visibility: parseVisibility(visibility),
    token: typeof token === 'string' ? token : undefined,
  };
}
