/** Opens a link on any rung. The one place that knows all three. */

import type { Host } from '../../host.ts';
import type { RungKind, RungOffer } from '../../rung.ts';
import type { NetworkEmulator } from '../emulator/network-emulator.ts';
import type { Link, LinkEvents, Ticket } from './link.ts';
import type { WarmSession } from './warm-session.ts';
import { openWebRtcLink } from './webrtc-link.ts';
import { openWebSocketLink } from './websocket-link.ts';
import { openWebTransportLink } from './webtransport-link.ts';

/** Whether this browser has what a rung needs. */
export function isSupported(host: Host, rung: RungKind): boolean {
  switch (rung) {
    case 'webtransport':
      return host.openWebTransport !== undefined;
    case 'webrtc':
      return host.openPeerConnection !== undefined;
    case 'websocket':
      return host.openWebSocket !== undefined;
  }
}

/** What a link may be opened with. */
export interface Surroundings {
  readonly host: Host;
  /** A bad path, where there is one. */
  readonly emulator?: NetworkEmulator | undefined;
  /** What was opened ahead of the join, where anything was. */
  readonly warm?: WarmSession | undefined;
}

/** Opens a link to what the server offers. */
export function openLink(
  { host, emulator, warm }: Surroundings,
  offer: RungOffer,
  ticket: Ticket,
  events: LinkEvents,
): Link {
  const open = (inner: LinkEvents): Link => {
    switch (offer.kind) {
      case 'webtransport':
        return openWebTransportLink(host, offer, warm, ticket, inner);
      case 'webrtc':
        return openWebRtcLink(host, offer, ticket, inner);
      case 'websocket':
        return openWebSocketLink(host, offer.url, ticket, inner);
    }
  };
  return emulator === undefined ? open(events) : emulator.open(events, open);
}
