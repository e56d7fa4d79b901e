/** What the page's address asks for: `?name=&room=&speed=&rung=&link=&autoplay=1`. */

import type { NetworkProfileName, RungKind } from '@battle-circles/sdk';

const RUNGS: readonly RungKind[] = ['webtransport', 'webrtc', 'websocket'];

export interface Parameters {
  readonly name: string | undefined;
  readonly room: string | undefined;
  readonly speed: number | undefined;
  readonly rung: RungKind | undefined;
  /** An emulated bad network. */
  readonly emulate: NetworkProfileName | undefined;
  readonly isAutoplay: boolean;
}

export async function readParameters(search: string): Promise<Parameters> {
  const given = new URLSearchParams(search);
  const word = (key: string) => given.get(key)?.trim() || undefined;
  const isAutoplay = given.get('autoplay') === '1';
  return {
    name: word('name') ?? (isAutoplay ? 'Robot' : undefined),
    room: word('room'),
    speed: word('speed') === undefined ? undefined : Number(word('speed')),
    rung: RUNGS.find((rung) => rung === given.get('rung')),
    emulate: given.has('link') ? await profile(given.get('link')) : undefined,
    isAutoplay,
  };
}

async function profile(name: string | null): Promise<NetworkProfileName | undefined> {
  // Few pages ask for a profile; the others need not load them all.
  const { parseNetworkProfile } = await import('@battle-circles/sdk/network-profiles');
  return parseNetworkProfile(name);
}
