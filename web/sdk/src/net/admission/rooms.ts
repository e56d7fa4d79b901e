/** The rooms of a server, for a lobby. The answer is checked here. */

import { ConnectError } from '../../connect-error.ts';
import type { RoomVisibility } from '../../events.ts';
import { browserHost, type Host } from '../../host.ts';
import { field, request } from './http.ts';
import { parseVisibility } from './visibility.ts';

/** One room. */
export interface RoomSummary {
  /** Its name, as a join takes it. */
  readonly room: string;
  /** Seats taken by players. */
  readonly players: number;
  /** Seats taken by the game itself; a player may take the place of one. */
  readonly bots: number;
  /** Seats in all. */
  readonly capacity: number;
  /** A line of the game's own, such as its map or round; empty where it says nothing. */
  readonly label: string;
  /** Unknown where the server doesn't tell. */
  readonly visibility: RoomVisibility | undefined;
}

/** Most rooms that are read. */
const MAX_ROOMS = 1_000;

/**
 * The rooms of the server at `origin`, for example `https://play.example`. Rows that are malformed
 * are left out.
 *
 * @throws {@link ConnectError} when the server can't be reached or says no.
 */
export async function listRooms(
  origin: string,
  host: Host = browserHost(),
): Promise<RoomSummary[]> {
  const body = await ask(host, `${origin}/v1/rooms`);
  const rows: unknown[] = Array.isArray(body) ? body.slice(0, MAX_ROOMS) : [];
  return rows.flatMap((row) => parseRoom(row) ?? []);
}

async function ask(host: Host, url: string): Promise<unknown> {
  try {
    const response = await request(host, url, {});
    if (!response.ok) {
      const { status } = response;
      throw new ConnectError('refused', `no list of rooms: HTTP ${status}`, { status });
    }
    return await response.json();
  } catch (error) {
    throw error instanceof ConnectError
      ? error
      : new ConnectError('unreachable', `no list of rooms: ${String(error)}`);
  }
}

function parseRoom(row: unknown): RoomSummary | undefined {
  const room = field(row, 'room');
  const label = field(row, 'label');
  if (typeof room !== 'string') {
    return undefined;
  }
  return {
    room,
    players: count(row, 'players'),
    bots: count(row, 'bots'),
    capacity: count(row, 'capacity'),
    label: typeof label === 'string' ? label : '',
    visibility: parseVisibility(field(row, 'visibility')),
  };
}

function count(row: unknown, name: string): number {
  const value = field(row, name);
  return typeof value === 'number' && value >= 0 ? value : 0;
}
