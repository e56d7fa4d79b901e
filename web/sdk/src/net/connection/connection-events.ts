/** What a connection is made of and what it tells. Types only. */

import type { ServerMessage } from '../../protocol/control.ts';
import type { DatagramHeader } from '../../protocol/datagram.ts';
import type { ReceivedDatagram } from '../../received-datagram.ts';
import type { RungKind, RungOffer } from '../../rung.ts';
import type { Surroundings } from '../transport/open-link.ts';
import type { SessionOver } from './session-end.ts';

/** What became of a datagram. The object is used again for the next one. */
export interface Receipt {
  /**
   * `news`: a snapshot that none before was as new as. `old`: another one of ours. `nothing`:
   * neither; it is not acknowledged.
   */
  readonly kind: 'news' | 'old' | 'nothing';
  /** The round trip in milliseconds as it is known now, if it is. */
  readonly roundTrip: number | undefined;
  /** Whether what is sent stands in a queue on the path. */
  readonly isCongested: boolean;
}

/** What a connection tells. */
export interface ConnectionEvents {
  /** A State datagram came in. */
  received(datagram: ReceivedDatagram): Receipt;
  /** A State datagram of so many bytes is handed to a link. */
  sending(now: number, link: number, rung: RungKind, header: DatagramHeader, bytes: number): void;
  message(message: ServerMessage): void;
  /** The game is carried by another rung, or by none. */
  moved(from: RungKind | undefined, to: RungKind | undefined, why: string): void;
  /** The session is over on the server's word; no link will help. */
  ended(over: SessionOver): void;
  /** Comes before anything is judged at `now`; {@link Connection.excuse} may be called in it. */
  woken(now: number): void;
}

/** What a connection is made of. */
export interface ConnectionOptions extends Surroundings {
  readonly offers: readonly RungOffer[];
  /** The session's token as of late; it may still be on its way. */
  readonly token: () => Promise<string>;
  readonly forced?: RungKind | undefined;
  readonly hint?: RungKind | undefined;
}
