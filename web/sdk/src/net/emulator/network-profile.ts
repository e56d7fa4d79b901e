/**
 * Named bad networks, as the loss lab has them. They degrade this client's own lanes inside the SDK,
 * above the transport: they say nothing of how a transport copes with real loss below it, and know
 * no bandwidth and no corruption.
 */

import profiles from './network-profiles.json' with { type: 'json' };

/** Which datagrams are lost. Shares in percent. */
export type Loss =
  | { readonly model: 'none' }
  /** Each for itself. */
  | { readonly model: 'uniform'; readonly percent: number }
  /** Gilbert–Elliott by datagram: mean numbers in a row that pass, and that are lost. */
  | { readonly model: 'bursts'; readonly good_packets: number; readonly bad_packets: number }
  /** Gilbert–Elliott in continuous time: nothing passes during a fade. */
  | { readonly model: 'fades'; readonly mean_ms: number; readonly faded_percent: number };

/** Delay on top, evenly from 0 to `ms`, of a share of the datagrams. */
export interface Jitter {
  readonly ms: number;
  /** Whether one that is held up holds up those behind it, or is overtaken. */
  readonly order: 'kept' | 'free';
  readonly touched_percent: number;
}

/** A span in which nothing passes, from so many seconds after the start, once or time and again. */
export interface Gap {
  readonly at_s: number;
  readonly for_ms: number;
  readonly every_s: number | null;
}

/** The path quality: what may change over time. */
export interface PathQuality {
  /** One way. */
  readonly delay_ms: number;
  readonly jitter: Jitter;
  readonly loss: Loss;
  readonly duplicate_percent: number;
}

/** A change so many seconds after the start; what it leaves out stays as it is. */
export interface ScheduleStep extends Partial<PathQuality> {
  readonly at_s: number;
}

/** One direction of a network path. */
export interface OneWayProfile extends PathQuality {
  readonly gaps: readonly Gap[];
  /** In order of time. */
  readonly schedule?: readonly ScheduleStep[];
}

/** Both directions of a network path. */
export interface NetworkProfile {
  /** What it leaves out of the profile whose name it has. */
  readonly remark?: string;
  /** Both directions fade at the same moments, as with a radio, where they fade alike. */
  readonly shared_fades: boolean;
  readonly up: OneWayProfile;
  readonly down: OneWayProfile;
}

/** A profile's name. */
export type NetworkProfileName = keyof typeof profiles;

/** As JSON is typed: words are any words. The tests look at them. */
type Worded<T> = T extends string
  ? string
  : T extends object
    ? { [K in keyof T]: Worded<T[K]> }
    : T;

const WORDED: Readonly<Record<NetworkProfileName, Worded<NetworkProfile>>> = profiles;

export const NETWORK_PROFILES = WORDED as Readonly<Record<NetworkProfileName, NetworkProfile>>;

/** All names, in order of the alphabet. */
export const NETWORK_PROFILE_NAMES: readonly string[] = Object.keys(profiles);

/** The profile's name, if it is one. */
export function parseNetworkProfile(
  name: string | null | undefined,
): NetworkProfileName | undefined {
  return name !== null && name !== undefined && Object.hasOwn(NETWORK_PROFILES, name)
    ? (name as NetworkProfileName)
    : undefined;
}
