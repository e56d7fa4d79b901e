/**
 * An identity as people copy it from one device to another: Crockford's Base32 in six groups of five.
 * 26 symbols are the key, 4 are its remainder by a prime. A single wrong symbol and two neighbours
 * that changed places are always noticed, other mistakes but for one in a million.
 */

import { Identity, KEY_BYTES } from './identity.ts';

/** Without I, L, O and U (https://www.crockford.com/base32.html). */
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What is read as what it looks like. */
const LOOK_ALIKES: Readonly<Record<string, string>> = { O: '0', I: '1', L: '1' };

const KEY_SYMBOLS = 26;
const CHECK_SYMBOLS = 4;

/** The largest prime below 2^20, so that a remainder fills four symbols. */
const MODULUS = 1_048_573n;

/** A text that is no identity's code: mistyped or cut short. `message` says what to do. */
export class IdentityCodeError extends Error {
  override readonly name = 'IdentityCodeError';

  constructor() {
    super('That code has a typing error. Compare it with the other device, symbol by symbol.');
  }
}

/** The code of an identity, for example `3K9TD-…`: 30 symbols, and hyphens between groups of five. */
export function identityCode(identity: Identity): string {
  const key = identity.bytes().reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  const symbols = encode(key, KEY_SYMBOLS) + encode(key % MODULUS, CHECK_SYMBOLS);
  return symbols.match(/.{5}/g)?.join('-') ?? symbols;
}

/**
 * The identity of a code. Case, spaces and hyphens don't matter; O is read as 0, I and L as 1.
 *
 * @throws {@link IdentityCodeError}
 */
export function identityFromCode(code: string): Identity {
  const symbols = [...code.toUpperCase().replace(/[\s\p{Pd}]/gu, '')];
  if (symbols.length !== KEY_SYMBOLS + CHECK_SYMBOLS) {
    throw new IdentityCodeError();
  }
  const key = decode(symbols.slice(0, KEY_SYMBOLS));
  const check = decode(symbols.slice(KEY_SYMBOLS));
  if (key >> BigInt(8 * KEY_BYTES) !== 0n || key % MODULUS !== check) {
    throw new IdentityCodeError();
  }
  return Identity.fromBytes(
    Uint8Array.from({ length: KEY_BYTES }, (_, index) =>
      Number((key >> BigInt(8 * (KEY_BYTES - 1 - index))) & 0xffn),
    ),
  );
}

/** The most significant symbol first. */
function encode(number: bigint, length: number): string {
  return Array.from({ length }, (_, index) =>
    SYMBOLS.charAt(Number((number >> BigInt(5 * (length - 1 - index))) & 31n)),
  ).join('');
}

function decode(symbols: readonly string[]): bigint {
  return symbols.reduce((number, symbol) => {
    const value = SYMBOLS.indexOf(LOOK_ALIKES[symbol] ?? symbol);
    if (value < 0) {
      throw new IdentityCodeError();
    }
    return (number << 5n) | BigInt(value);
  }, 0n);
}
