/** What a client tells its app, and what an app asks of a client. Types only. */

import type { GameAdapter } from './adapter.ts';
import type { DatagramListener } from './datagram-tap.ts';
import type { LinkProfileName } from './link-profile.ts';
import type { RungKind } from './rung.ts';

/** How a client is made. */
export interface ClientOptions<View, Input, Own> {
  /** Where the server's API lives, for example `https://play.example`; default: the page's own. */
  readonly origin?: string;
  readonly adapter: GameAdapter<View, Input, Own>;
  /** Plays on this rung and no other. */
  readonly rung?: RungKind | undefined;
  /** Degrades this client's link, for tests and demonstrations. */
  readonly link?: LinkProfileName | undefined;
  /** Remembers for ten minutes which rung won; default: `localStorage` where there is one. */
  readonly storage?: HintStorage | undefined;
  /**
   * Hears of each State datagram on any link, as it comes in, before it is decoded, and as it is
   * handed to a link; for measurements. Default: nobody.
   */
  readonly onDatagram?: DatagramListener | undefined;
}

/** The part of `Storage` that the client uses. It may throw; the client then does without. */
export type HintStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** Who joins where. */
export interface JoinRequest {
  readonly name: string;
  /** A room's name; without one the server chooses. */
  readonly room?: string | undefined;
}

/** What a join was answered. */
export interface Joined {
  readonly session: string;
  readonly room: string;
  readonly player: string;
  /** Ticks a second. */
  readonly tickRate: number;
  /** Snapshots a second. */
  readonly snapshotRate: number;
}

/** The first message of a session. */
export interface Welcomed extends Joined {
  /** The room's tick when it was written. */
  readonly tick: number;
  /** The game's own welcome. */
  readonly bytes: Uint8Array;
}

/** Something that happened in the game. */
export interface GameEventMessage {
  /** When it happened; it may lie ahead of the tick that is shown. */
  readonly tick: number;
  /** The game's own encoding. */
  readonly bytes: Uint8Array;
}

/** Where a client stands. */
export type ClientState =
  /** Not asked to connect yet. */
  | 'idle'
  /** No snapshot yet. */
  | 'connecting'
  /** Snapshots come in. */
  | 'playing'
  /** They came, and don't any more; the client is at work on it. */
  | 'reconnecting'
  /** It is over; {@link ClosedEvent} says why. */
  | 'closed';

/** How well a client is connected. */
export interface Status {
  readonly state: ClientState;
  /** The rung that carries the game now. */
  readonly rung: RungKind | undefined;
  /**
   * `good`: nothing to say. `busy`: the connection is good, but the page itself stands still time
   * and again, so that the picture stutters. `bad`: much is lost or late, the player should know.
   * `gone`: nothing has come in for over a second.
   */
  readonly quality: 'good' | 'busy' | 'bad' | 'gone';
}

/** Why a client is closed. */
export interface ClosedEvent {
  readonly reason: CloseCause;
  /** For the log, in English. */
  readonly detail: string;
}

export type CloseCause =
  /** The app called `leave()`. */
  | 'left'
  /** The server refused the join. */
  | 'refused'
  /** The server speaks another protocol version: the page must be loaded anew. */
  | 'protocol'
  /** No rung came up, or none came back. */
  | 'unreachable'
  /** The server shut down. */
  | 'shutting-down'
  /** The room ended by a fault of its own. */
  | 'room-failed'
  /** The same session was taken over elsewhere, or ended twice in a row. */
  | 'ended';

/** The events of a client and what each carries. */
export interface ClientEvents {
  /**
   * A session has begun; the game starts from nothing. It comes once per session: a second one says
   * that the first session was lost and the client has joined anew.
   */
  welcome: Welcomed;
  event: GameEventMessage;
  status: Status;
  closed: ClosedEvent;
}
