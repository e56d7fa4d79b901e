/** Which rungs a server offers: ahead of the join, and as the join's answer has them. */

import type { Host } from '../../host.ts';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import type { RungOffer } from '../../rung.ts';
import { field, MAX_ITEMS, request } from './http.ts';

/** Asks for the rungs; nothing when there is no usable answer. */
export async function fetchRungs(
  host: Host,
  origin: string,
): Promise<readonly RungOffer[] | undefined> {
  try {
    const response = await request(host, `${origin}/v1/rungs`, {});
    const body: unknown = await response.json();
    const isOurs = response.ok && field(body, 'protocol') === PROTOCOL_VERSION;
    return isOurs ? parseRungs(field(body, 'rungs')) : undefined;
  } catch {
    return undefined;
  }
}

/** Rungs of kinds that we don't know are left out: a newer server may offer them. */
export function parseRungs(value: unknown): RungOffer[] {
  if (!Array.isArray(value)) {
    return [];
  }
  return value.slice(0, MAX_ITEMS).flatMap((item: unknown): RungOffer[] => {
    const url = field(item, 'url');
    if (typeof url !== 'string') {
      return [];
    }
    switch (field(item, 'kind')) {
      case 'webtransport':
        return [{ kind: 'webtransport', url, certificateHashes: strings(item) }];
      case 'webrtc':
        return [{ kind: 'webrtc', url, iceServers: iceServers(field(item, 'ice_servers')) }];
      case 'websocket':
        return [{ kind: 'websocket', url }];
      default:
        return [];
    }
  });
}

function strings(item: unknown): string[] {
  const value = field(item, 'certificate_hashes');
  const items: unknown[] = Array.isArray(value) ? value.slice(0, MAX_ITEMS) : [];
  return items.filter((hash): hash is string => typeof hash === 'string');
}

function iceServers(value: unknown): RTCIceServer[] {
  const items: unknown[] = Array.isArray(value) ? value.slice(0, MAX_ITEMS) : [];
  return items.filter(
    (server): server is RTCIceServer => typeof server === 'object' && server !== null,
  );
}
