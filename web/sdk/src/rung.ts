/** The rungs of the ladder and what a server offers of each. */

/** One of the three transports. */
export type RungKind = 'webtransport' | 'webrtc' | 'websocket';

/** All rungs, the best first. */
export const RUNGS: readonly RungKind[] = ['webtransport', 'webrtc', 'websocket'];

/** Where and how a server may be reached on one rung. */
export type RungOffer =
  | {
      readonly kind: 'webtransport';
      readonly url: string;
      /** SHA-256 of the certificates that may be presented, base64; empty for CA-signed ones. */
      readonly certificateHashes: readonly string[];
    }
  | { readonly kind: 'webrtc'; readonly url: string; readonly iceServers: readonly RTCIceServer[] }
  | { readonly kind: 'websocket'; readonly url: string };
