/** Hands bytes to a receiver as a link does. */

import { ReceivedDatagram } from '../../src/received-datagram.ts';
import type { SnapshotReceiver, Verdict } from '../../src/sync/receiver.ts';

/** What becomes of bytes that come in at `now`. */
export function receive<View>(
  receiver: SnapshotReceiver<View>,
  now: number,
  bytes: Uint8Array,
): Verdict {
  return receiver.receive(now, new ReceivedDatagram().read(bytes));
}
