/** What a client reports as wrong while it plays on, and what to do about each kind. */

/** What is wrong. */
export type ErrorKind =
  /** The game's `decodeDelta` threw something that is no `DecodeError`. */
  | 'decode-failed'
  /** Many snapshots in a row could not be decoded. */
  | 'undecodable'
  /** The game's `encodeInput`, `repeatInput` or `joinInputs` threw. */
  | 'encode-failed'
  /** The game's prediction rule threw. */
  | 'prediction-failed'
  /** An action was not sent. */
  | 'action-dropped'
  /** The server answers, and yet no snapshot was decoded for a while. */
  | 'no-snapshots'
  /** The server takes no input although it has our datagrams. */
  | 'inputs-unread';

/** Something is wrong; the client plays on. */
export interface ClientErrorEvent {
  readonly kind: ErrorKind;
  /** What happened, in English. */
  readonly message: string;
  /** What a game's developer can do about it. */
  readonly remedy: string;
  /** How often this kind has happened up to now. */
  readonly count: number;
}

/** What to do about each kind. */
export const REMEDIES: Readonly<Record<ErrorKind, string>> = {
  'decode-failed':
    'Mend the adapter’s decodeDelta; for malformed bytes it is to throw a DecodeError.',
  undecodable:
    'Check that the adapter’s decodeDelta reads what the server’s game writes, and that page and server are of one version.',
  'encode-failed':
    'Set only inputs that the adapter’s encodeInput can write. The neutral input was sent instead.',
  'prediction-failed': 'Mend the adapter’s prediction rule. The own figure stood still instead.',
  'action-dropped':
    'Send fewer actions, and none before the welcome or while status.returning is set.',
  'no-snapshots':
    'Look at the server’s log: it drops snapshots that are over their budget. Check that the adapter’s decodeDelta reads them.',
  'inputs-unread':
    'Check that the adapter’s encodeInput writes what the server’s game reads as its input.',
};
