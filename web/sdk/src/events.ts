/** What a client tells its app, and what an app asks of a client. Types only. */

import type { GameAdapter } from './adapter.ts';
import type { ClientErrorEvent } from './client-error.ts';
import type { DatagramListener } from './datagram-tap.ts';
import type { Identity } from './identity.ts';
import type { NetworkProfileName } from './net/emulator/network-profile.ts';
import type { RungKind } from './rung.ts';

/** How a client is made. */
export interface ClientOptions<View, Input, Own> {
  /** Where the server's API lives, for example `https://play.example`; default: the page's own. */
  readonly origin?: string;
  readonly adapter: GameAdapter<View, Input, Own>;
  /** Plays on this rung and no other. */
  readonly rung?: RungKind | undefined;
  /** Plays over an emulated bad network of this name, for tests and demonstrations. */
  readonly emulate?: NetworkProfileName | undefined;
  /** Remembers for ten minutes which rung won; default: `localStorage` where there is one. */
  readonly storage?: HintStorage | undefined;
  /**
   * Remembers the seat for a page that is loaded again; must be the tab's own. Default:
   * `sessionStorage` where there is one.
   */
  readonly tabStorage?: TabStorage | undefined;
  /**
   * When `event` tells of an event; default: `on-arrival`. With `at-tick`, those that come before a
   * session's first sample are told at once, and so is the oldest where over 256 wait.
   */
  readonly eventDelivery?: EventDeliveryMode | undefined;
  /**
   * Writes each kind of error to the console, too, when it first happens. Default: where the server
   * is this very machine.
   */
  readonly development?: boolean | undefined;
  /**
   * Hears of each State datagram on any link, as it comes in, before it is decoded, and as it is
   * handed to a link; for measurements. Default: nobody.
   */
  readonly onDatagram?: DatagramListener | undefined;
}

/** `at-tick`: when the tick that it happened at is shown by `sample()`, in order. */
export type EventDeliveryMode = 'on-arrival' | 'at-tick';

/** The part of `Storage` that the client uses. It may throw; the client then does without. */
export type HintStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** Like {@link HintStorage}, and it can forget. */
export type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Whether the server may put strangers into a room. */
export type RoomVisibility = 'public' | 'private';

/** Who joins where. */
export interface JoinRequest {
  readonly name: string;
  /** A room's name; without one the server chooses. */
  readonly room?: string | undefined;
  /** What the room is to be if this join makes it; default: private if it is named. */
  readonly visibility?: RoomVisibility | undefined;
  /**
   * Comes back to the seat that `resumable()` tells of; with a `room`, only if it is in that room.
   * Rejects with `seat-gone` when the seat is over.
   */
  readonly resume?: boolean;
  /** What the game is asked for; its own, at most 1,024 bytes as JSON. Rejoins ask for it as well. */
  readonly options?: JoinOptions | undefined;
  /** Who the player is, where the server takes logins. Asked anew for each join. */
  readonly login?: LoginSource | undefined;
  /**
   * The anonymous player that the match counts for; `player` of the welcome is then the same in each
   * game. Asked anew for each join; a resumed seat stays its player's. Default: somebody new, whom no
   * later join can be.
   */
  readonly identity?: IdentitySource | undefined;
}

/** A token of the game's own login service (JWT, at most 8 KiB), or who gives one. */
export type LoginSource = string | (() => string | Promise<string>);

/** An identity, or who tells which one plays now. */
export type IdentitySource = Identity | (() => Identity);

/** The game's own part of a join: any JSON object. */
export type JoinOptions = Readonly<Record<string, unknown>>;

/** A seat that this tab left without giving it up. */
export interface ResumableSeat {
  readonly name: string;
  readonly room: string;
  readonly visibility: RoomVisibility | undefined;
}

/** What a join was answered. */
export interface Joined {
  readonly session: string;
  readonly room: string;
  /** The public player id, a UUID. With an `identity` it is the same in each session. */
  readonly player: string;
  /** Unknown where the server doesn't tell. */
  readonly visibility: RoomVisibility | undefined;
  /** Whether this is the seat from before the page was loaded again. */
  readonly resumed: boolean;
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
  /** When it happened; on arrival it may lie ahead of the tick that is shown. */
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
  /**
   * While the client fetches a new seat in the same room by itself: the server is restarting, or
   * the seat was lost. Absent otherwise, also while links are down and the seat is still there.
   */
  readonly returning?: Returning | undefined;
}

/** Why a client has to come back. */
export type Returning = 'restart' | 'lost';

/** Why a client is closed. */
export interface ClosedEvent {
  readonly reason: CloseCause;
  /** For the log, in English. */
  readonly detail: string;
  /** The game's own code, where it ended the session and gave one. */
  readonly code?: number;
}

export type CloseCause =
  /** The app called `leave()`, or the server says that the player left. */
  | 'left'
  /** The page goes, perhaps to be loaded again; the seat is kept for a while. */
  | 'unloaded'
  /** The server, or its game, refused the join. */
  | 'refused'
  /** The game can't take an action of this client. */
  | 'action-refused'
  /** The game has removed the player. */
  | 'kicked'
  /** The game has ended the room. */
  | 'room-ended'
  /** The server speaks another protocol version: the page must be loaded anew. */
  | 'protocol'
  /** No rung came up, or none came back. */
  | 'unreachable'
  /** The seat to be resumed is over. */
  | 'seat-gone'
  /** Another page has resumed this very seat and plays on. */
  | 'superseded';

/** The events of a client and what each carries. */
export interface ClientEvents {
  /**
   * A session has begun; the game starts from nothing. It comes once per session: a second one says
   * that the first session is over and the client has come back by itself.
   */
  welcome: Welcomed;
  event: GameEventMessage;
  status: Status;
  /** The server is about to end, in at most so many seconds; the match may be finished meanwhile. */
  draining: { readonly seconds: number };
  /** Something is wrong and the client plays on: a mistake of the game's, or of its server. */
  error: ClientErrorEvent;
  closed: ClosedEvent;
}
