/** Loads the emulator only where it is asked for: nobody else needs to download it. */

import type { Host } from '../../host.ts';
import type { NetworkEmulator } from './network-emulator.ts';
import type { NetworkProfileName } from './network-profile.ts';

/** The emulator of a profile, whose time starts when it is there. */
export async function loadEmulator(host: Host, name: NetworkProfileName): Promise<NetworkEmulator> {
  const { emulate } = await import('./network-emulator.ts');
  return emulate(host, name);
}
