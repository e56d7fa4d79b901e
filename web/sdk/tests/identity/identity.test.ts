/** An identity survives each of its written forms, and nothing else passes for one. */

import { afterEach, describe, expect, test, vi } from 'vitest';
import { browserHost } from '../../src/host.ts';
import { Identity } from '../../src/identity.ts';
import { IdentityCodeError, identityCode, identityFromCode } from '../../src/identity-code.ts';
import { seededRandom } from '../../src/random.ts';

const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const COUNTING = Identity.fromBytes(Uint8Array.from({ length: 16 }, (_, index) => index));

function examples(): Identity[] {
  const random = seededRandom(4);
  const drawn = Array.from({ length: 40 }, () =>
    Identity.fromBytes(Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256))),
  );
  const edges = [0, 255].map((byte) => Identity.fromBytes(new Uint8Array(16).fill(byte)));
  return [...edges, COUNTING, ...drawn];
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a new identity', () => {
  test('has sixteen bytes, written in 22 characters, and another each time', () => {
    const made = Array.from({ length: 50 }, () => Identity.create().key);
    expect(made.every((key) => /^[\w-]{22}$/.test(key))).toBe(true);
    expect(new Set(made).size).toBe(50);
  });

  test('needs nothing that insecure origins lack', () => {
    const getRandomValues = (bytes: Uint8Array) => bytes.fill(7);
    vi.stubGlobal('crypto', { getRandomValues });
    expect(Identity.create(browserHost()).bytes()).toEqual(new Uint8Array(16).fill(7));
  });
});

describe('a key', () => {
  test('is base64url without padding', () => {
    expect(COUNTING.key).toBe('AAECAwQFBgcICQoLDA0ODw');
    expect(Identity.fromBytes(new Uint8Array(16).fill(0xfb)).key).toBe('-_v7-_v7-_v7-_v7-_v7-w');
  });

  test('gives the same identity back', () => {
    for (const identity of examples()) {
      expect(Identity.parse(identity.key)).toEqual(identity);
    }
  });

  test.each([
    ['empty', ''],
    ['too short', 'AAECAwQFBgcICQoLDA0OD'],
    ['too long', 'AAECAwQFBgcICQoLDA0ODwA'],
    ['padded', 'AAECAwQFBgcICQoLDA0ODw=='],
    ['plain base64', '+/v7+/v7+/v7+/v7+/v7+w'],
    ['with spare bits set', 'AAECAwQFBgcICQoLDA0ODx'],
    ['with a space', 'AAECAwQFBgcICQoLDA0O w'],
  ])('that is %s is none', (_, text) => {
    expect(Identity.parse(text)).toBeUndefined();
  });

  test('of another length can’t be made', () => {
    expect(() => Identity.fromBytes(new Uint8Array(15))).toThrow(RangeError);
  });
});

describe('a code', () => {
  test('has six groups of five', () => {
    expect(identityCode(COUNTING)).toBe('00041-06105-0R3GG-28A1C-60T3G-FACDG');
  });

  test('gives the same identity back', () => {
    for (const identity of examples()) {
      expect(identityFromCode(identityCode(identity))).toEqual(identity);
    }
  });

  test('may be typed in any case, with other gaps, and with look-alikes', () => {
    for (const identity of examples()) {
      const code = identityCode(identity);
      const typed = [
        code.toLowerCase(),
        ` ${code.replaceAll('-', '')}\n`,
        code.replaceAll('-', ' \u2013 '),
        code.replaceAll('0', 'O').replaceAll('1', 'I'),
        code.replaceAll('0', 'o').replaceAll('1', 'l'),
      ];
      for (const text of typed) {
        expect(identityFromCode(text)).toEqual(identity);
      }
    }
  });

  test('with any one symbol wrong is refused', () => {
    for (const identity of examples().slice(0, 8)) {
      const right = [...identityCode(identity).replaceAll('-', '')];
      for (const [place, symbol] of right.entries()) {
        for (const other of SYMBOLS.replace(symbol, '')) {
          const wrong = right.with(place, other).join('');
          expect(() => identityFromCode(wrong)).toThrow(IdentityCodeError);
        }
      }
    }
  });

  test('with any two neighbours swapped is refused', () => {
    for (const identity of examples()) {
      const right = [...identityCode(identity).replaceAll('-', '')];
      for (const [place, symbol] of right.slice(0, -1).entries()) {
        const next = right[place + 1] ?? '';
        const wrong = right
          .with(place, next)
          .with(place + 1, symbol)
          .join('');
        if (symbol !== next) {
          expect(() => identityFromCode(wrong)).toThrow(IdentityCodeError);
        }
      }
    }
  });

  test.each(['', 'hello', 'ABCDE-FGHJK', `${identityCode(COUNTING)}0`, 'U'.repeat(30), '🌊'])(
    '“%s” is none, and the message says what to do',
    (text) => {
      expect(() => identityFromCode(text)).toThrow(/typing error.*Compare/);
    },
  );
});
