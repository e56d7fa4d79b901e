/** What the connection check says, to players and to who operates the server. */

import type { RungCheck, RungKind } from '@battle-circles/sdk';

const NAMES: Readonly<Record<RungKind, string>> = {
  webtransport: 'WebTransport (UDP)',
  webrtc: 'WebRTC (UDP)',
  websocket: 'WebSocket (TCP)',
};

/** One rung's line; with neither time nor fault it isn't known yet. */
export function checkLine({ rung, milliseconds, fault }: RungCheck): string {
  const name = NAMES[rung];
  if (fault !== undefined) {
    return `${name}: not reached – ${fault}`;
  }
  return milliseconds === undefined
    ? `${name}: …`
    : `${name}: reached in ${(milliseconds / 1_000).toFixed(1)} s`;
}

/** What all of them mean together. */
export function checkVerdict(checks: readonly RungCheck[]): string {
  const reaches = (rung: RungKind): boolean =>
    checks.some((check) => check.rung === rung && check.fault === undefined);
  const [webtransport, webrtc, websocket] = [
    reaches('webtransport'),
    reaches('webrtc'),
    reaches('websocket'),
  ];
  if (webtransport && webrtc) {
    return websocket
      ? 'All ways are open from here.'
      : 'UDP is open. WebSocket isn’t: a proxy in front of the server must pass upgrades on.';
  }
  if (webtransport || webrtc) {
    return webtransport
      ? 'UDP is open. WebRTC doesn’t come about: the server’s public_address must be the one by which players reach it.'
      : 'UDP is open. WebTransport doesn’t come about: this browser may lack it, or not know the authority of the certificate.';
  }
  return websocket
    ? 'UDP doesn’t get through. If that is so from other networks, too: open the server’s UDP port, with the same number as TCP, in its firewalls, and look at public_address and public_udp_port. The game plays over TCP meanwhile.'
    : 'Nothing gets through. Does the page come from this server, and does it let you join?';
}
