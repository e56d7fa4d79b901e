/**
 * Named bad links for `?link=PROFILE`: what they lose, delay and jitter. They degrade this client's
 * own lanes inside the SDK, above the transport; they say nothing about how a transport copes with
 * real loss below it.
 */

/** A link's weather: a two-state (Gilbert–Elliott) channel by datagram, whose bad state loses all. */
export interface LinkProfile {
  /** Mean datagrams in a row that pass; `Infinity` loses none. */
  readonly good: number;
  /** Mean datagrams in a row that are lost. */
  readonly bad: number;
  /** Added one way, in milliseconds. */
  readonly delay: number;
  /** Added on top, evenly from 0 to this, in milliseconds. */
  readonly jitter: number;
}

/** Hand-picked, not fitted to measurements. */
export const LINK_PROFILES = {
  perfect: { good: Number.POSITIVE_INFINITY, bad: 1, delay: 0, jitter: 0 },
  wifi: { good: 200, bad: 2, delay: 5, jitter: 5 },
  'lossy-wifi': { good: 40, bad: 2, delay: 10, jitter: 15 },
  '4g': { good: 200, bad: 1, delay: 35, jitter: 15 },
  '4g-moving': { good: 40, bad: 2, delay: 50, jitter: 30 },
  '3g': { good: 66, bad: 1, delay: 125, jitter: 40 },
  congested: { good: 20, bad: 2, delay: 80, jitter: 40 },
  satellite: { good: 100, bad: 3, delay: 300, jitter: 20 },
  awful: { good: 8, bad: 2, delay: 100, jitter: 40 },
} as const satisfies Record<string, LinkProfile>;

/** A profile's name. */
export type LinkProfileName = keyof typeof LINK_PROFILES;

/** The profile's name, if it is one: for `?link=`. */
export function parseLinkProfile(name: string | null | undefined): LinkProfileName | undefined {
  return name !== null && name !== undefined && Object.hasOwn(LINK_PROFILES, name)
    ? (name as LinkProfileName)
    : undefined;
}
