/**
 * What the replay's files have in common: a magic of eight bytes, a version of two, and at the end
 * a digest of four, the lower half of the FNV-1a of 64 bits of all before.
 */

import { DAMAGED, ReplayFileError } from './replay-file-error.ts';

const HEAD = 10;
const SUM = 4;

/** Whether the bytes begin as a file of this magic does. */
export function hasMagic(bytes: Uint8Array, magic: string): boolean {
  return [...magic].every((letter, index) => bytes[index] === letter.charCodeAt(0));
}

/** The bytes with magic and version before them, and the digest behind. */
export function seal(magic: string, version: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(HEAD + body.length + SUM);
  out.set(new TextEncoder().encode(magic));
  const view = new DataView(out.buffer);
  view.setUint16(magic.length, version, true);
  out.set(body, HEAD);
  view.setUint32(HEAD + body.length, digest(out.subarray(0, HEAD + body.length)), true);
  return out;
}

/**
 * What stands between the version and the digest.
 *
 * @throws ReplayFileError where the version or the digest is another. The magic is right.
 */
export function unseal(bytes: Uint8Array, version: number): Uint8Array {
  if (bytes.length < HEAD + SUM) {
    throw new ReplayFileError(DAMAGED);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const itsVersion = view.getUint16(HEAD - 2, true);
  if (itsVersion !== version) {
    const age = itsVersion > version ? 'a newer' : 'an older';
    throw new ReplayFileError(
      `This file is from ${age} version of the game, and this page can’t read it.`,
    );
  }
  const end = bytes.length - SUM;
  if (view.getUint32(end, true) !== digest(bytes.subarray(0, end))) {
    throw new ReplayFileError(DAMAGED);
  }
  return bytes.subarray(HEAD, end);
}

function digest(bytes: Uint8Array): number {
  let sum = 0x8422_2325;
  for (const byte of bytes) {
    sum = Math.imul(sum ^ byte, 0x1b3);
  }
  return sum >>> 0;
}
