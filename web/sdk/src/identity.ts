/**
 * Who an anonymous player is over many games: a secret key that only the player's devices and the
 * server know. The server derives the public player id from it; nobody gets from the id to the key.
 */

import { browserHost, type Host } from './host.ts';

/** Length of a key. */
export const KEY_BYTES = 16;

/** A key's length as text. */
const KEY_CHARACTERS = 22;

/** A player's secret. Whoever has it plays as that player, renames it and deletes it. */
export class Identity {
  /**
   * The key's 16 bytes as base64url without padding, 22 characters: as it is stored and sent. Not
   * for logs or addresses.
   */
  readonly key: string;

  private constructor(key: string) {
    this.key = key;
  }

  /** A new player, whom nobody can guess. Works on insecure origins as well. */
  static create(host: Host = browserHost()): Identity {
    return Identity.fromBytes(host.randomBytes(KEY_BYTES));
  }

  /** Reads {@link Identity.key}; nothing if the text is no key. */
  static parse(text: string): Identity | undefined {
    const bytes = decodeBase64Url(text);
    if (bytes?.length !== KEY_BYTES) {
      return undefined;
    }
    const identity = Identity.fromBytes(bytes);
    // Spare bits at the end would be another spelling of the same key.
    return identity.key === text ? identity : undefined;
  }

  /**
   * The player of this key.
   *
   * @throws RangeError when it hasn't 16 bytes.
   */
  static fromBytes(bytes: Uint8Array): Identity {
    if (bytes.length !== KEY_BYTES) {
      throw new RangeError(`a key of ${bytes.length} bytes has not ${KEY_BYTES}`);
    }
    return new Identity(encodeBase64Url(bytes));
  }

  /** The key's 16 bytes. */
  bytes(): Uint8Array {
    return decodeBase64Url(this.key) ?? new Uint8Array(KEY_BYTES);
  }
}

function encodeBase64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function decodeBase64Url(text: string): Uint8Array | undefined {
  if (text.length !== KEY_CHARACTERS || !/^[\w-]+$/.test(text)) {
    return undefined;
  }
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
