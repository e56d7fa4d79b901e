/**
 * Asks links that the server seems not to hear whether it does, each on its own Control lane, which
 * comes through if it can. What follows from the answer is the ladder's matter.
 */

import { encodeClientFrame, type ServerFrame } from '../protocol/control.ts';
import type { SessionLink } from './session-link.ts';

/** Its pings have numbers from here on; those of the session's Control are below. */
const FIRST_NUMBER = 2 ** 31;

/** The questions of one session. */
export class UplinkProbe {
  private asked = 0;

  /** Asks a link, unless that was done since it is in doubt. */
  ask(entry: SessionLink): void {
    if (entry.probe === undefined) {
      entry.probe = FIRST_NUMBER + this.asked;
      this.asked += 1;
      entry.link?.sendControl(encodeClientFrame({ kind: 'ping', number: entry.probe }));
    }
  }

  /** Whether a frame is an answer to one of these questions. */
  isAnswer(frame: ServerFrame): boolean {
    return frame.kind === 'pong' && frame.number >= FIRST_NUMBER;
  }

  /** Whether it is the answer to the last that this link was asked. */
  answers(entry: SessionLink, frame: ServerFrame): boolean {
    return frame.kind === 'pong' && frame.number === entry.probe;
  }
}
