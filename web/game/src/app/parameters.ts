/**
 * The page's parameters, `?rung=&name=&room=&autoplay=&link=`; `?check` and `?replay` are other pages', and `?server=`
 * has a file of its own. Pure.
 */

import { type NetworkProfileName, RUNGS, type RungKind } from '@battle-circles/sdk';
import { withServerOf } from './server-origin.ts';

/** What the address asks for; what it doesn't name, or names wrongly, is absent. */
export interface Parameters {
  readonly rung: RungKind | undefined;
  readonly name: string | undefined;
  readonly room: string | undefined;
  /** Join and steer without a person. */
  readonly isAutoplay: boolean;
  /** Play over an emulated bad network of this name. */
  readonly emulate: NetworkProfileName | undefined;
  /** A sentence for who asks for something that isn't there; the page plays without it. */
  readonly complaint: string | undefined;
}

/** Reads `location.search`. */
export async function readParameters(search: string): Promise<Parameters> {
  const given = new URLSearchParams(search);
  return {
    rung: RUNGS.find((rung) => rung === given.get('rung')),
    name: given.get('name')?.trim() || undefined,
    room: given.get('room')?.trim() || undefined,
    isAutoplay: given.get('autoplay') === '1',
    ...(await readNetwork(given.get('link'))),
  };
}

async function readNetwork(
  name: string | null,
): Promise<Pick<Parameters, 'emulate' | 'complaint'>> {
  if (name === null) {
    return { emulate: undefined, complaint: undefined };
  }
  // Few pages ask for a profile; the others need not download them all.
  const { NETWORK_PROFILE_NAMES, parseNetworkProfile } = await import(
    '@battle-circles/sdk/network-profiles'
  );
  const emulate = parseNetworkProfile(name);
  const known = NETWORK_PROFILE_NAMES.join(', ');
  const complaint =
    emulate === undefined
      ? `There is no network profile “${name}”; you play over your own network. Known: ${known}.`
      : undefined;
  return { emulate, complaint };
}

/** The address that brings a friend into the same room, on the same server; nothing else of this page's is in it. */
export function inviteLink(page: string, room: string): string {
  const link = new URL(page);
  link.search = '';
  link.hash = '';
  link.searchParams.set('room', room);
  return withServerOf(page, link).href;
}

/** This page's own address with the room in it, so that a reload comes back to it. */
export function addressWithRoom(page: string, room: string): string {
  const address = new URL(page);
  address.searchParams.set('room', room);
  return address.href;
}
