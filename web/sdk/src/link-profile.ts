/**
 * Named bad links for `?link=PROFILE`: what they lose, delay and jitter. They degrade this client's
 * own lanes inside the SDK; they say nothing about how a transport copes with real loss below it.
 */

/** A profile's name. */
export type LinkProfileName =
  | 'perfect'
  | 'wifi'
  | 'lossy-wifi'
  | '4g'
  | '4g-moving'
  | '3g'
  | 'congested'
  | 'satellite'
  | 'awful';
