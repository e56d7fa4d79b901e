/**
 * Asks links that the server seems not to hear whether it does, each on its own Control lane, which
 * comes through if it can. What follows from the answer is the ladder's matter.
 */

import { encodeClientFrame, type ServerFrame } from '../../protocol/control.ts';
import type { SessionLink } from './session-link.ts';

/** Its pings have numbers from here on; those of the session's Control are below. */
const FIRST_NUMBER = 2 ** 31;

/** The questions of one session. */
export class UplinkProbe {
  private asked = 0;

  /** Asks a link once, as long as it is in doubt. */
  update(entry: SessionLink, isInDoubt: boolean): void {
    if (!isInDoubt) {
      entry.probe = undefined;
    } else if (entry.probe === undefined) {
      entry.probe = FIRST_NUMBER + this.asked;
      this.asked += 1;
      entry.link?.sendControl(encodeClientFrame({ kind: 'ping', number: entry.probe }));
    }
  }
}

/** Whether a frame answers such a question; its link's `probe` says whether the last one. */
export function isProbeAnswer(frame: ServerFrame): frame is ServerFrame & { kind: 'pong' } {
  return frame.kind === 'pong' && frame.number >= FIRST_NUMBER;
}
