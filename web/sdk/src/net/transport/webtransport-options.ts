/** With what a WebTransport session is opened, whoever opens it. */

/** `certificateHashes`: SHA-256 in Base64, for a certificate that no authority vouches for. */
export function webTransportOptions(certificateHashes: readonly string[]): WebTransportOptions {
  const base: WebTransportOptions = { congestionControl: 'low-latency', requireUnreliable: true };
  if (certificateHashes.length === 0) {
    return base;
  }
  const hashes = certificateHashes.map((hash) => ({
    algorithm: 'sha-256',
    value: Uint8Array.from(atob(hash), (character) => character.charCodeAt(0)),
  }));
  return { ...base, serverCertificateHashes: hashes };
}
