/** What a connection is made of and what it tells. Types only. */

import type { Direction } from '../../datagram-tap.ts';
import type { Host } from '../../host.ts';
import type { ReturnSlot, ServerMessage } from '../../protocol/control.ts';
import type { RungKind, RungOffer } from '../../rung.ts';
import type { NetworkEmulator } from '../emulator/network-emulator.ts';
import type { SessionEndReason } from './session-end.ts';

/** What a datagram was: a snapshot that none before was as new as, another one of ours, neither. */
export type Taken = 'news' | 'old' | 'nothing';

/** What a connection tells. */
export interface ConnectionEvents {
  /** A State datagram comes in, before anyone reads it, or is handed to a link. */
  passing(direction: Direction, now: number, link: number, rung: RungKind, bytes: Uint8Array): void;
  /** A State datagram came in. */
  datagram(now: number, bytes: Uint8Array): Taken;
  message(message: ServerMessage): void;
  /** The game is carried by another rung, or by none. */
  moved(from: RungKind | undefined, to: RungKind | undefined, why: string): void;
  /** The session is over on the server's word; no link will help. `slot`: when to come back. */
  ended(reason: SessionEndReason, slot: ReturnSlot | undefined): void;
  /** Comes before anything is judged at `now`; {@link Connection.excuse} may be called in it. */
  woken(now: number): void;
}

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly host: Host;
  readonly offers: readonly RungOffer[];
  readonly token: Promise<string>;
  readonly forced?: RungKind | undefined;
  readonly hint?: RungKind | undefined;
  readonly emulator?: NetworkEmulator | undefined;
}
