/** The page plays on the server that it is given, and says so clearly when it is given none. */

import { IdentityStore, type TabStorage } from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import { inviteLink } from '../src/app/parameters.ts';
import { Records } from '../src/app/records.ts';
import { chooseServer, type Server } from '../src/app/server-origin.ts';
import { placeText } from '../src/app/start-screen.ts';

/** The choice of a page at this address. */
function choose(address: string, built?: string) {
  return chooseServer(new URL(address), built);
}

function server(address: string, built?: string): Server {
  const choice = choose(address, built);
  if ('fault' in choice) {
    throw new Error(choice.fault);
  }
  return choice;
}

function fault(address: string, built?: string): string {
  const choice = choose(address, built);
  return 'fault' in choice ? choice.fault : '';
}

const PAGE = 'https://cdn.example/pond/';

describe('the server', () => {
  test('is the page’s own where nothing names another', () => {
    expect(server(`${PAGE}?room=x`)).toEqual({ origin: 'https://cdn.example', named: undefined });
    expect(server(PAGE, '').origin).toBe('https://cdn.example');
  });

  test('is the one of the build, and the address’s before that', () => {
    const built = 'https://game.example';
    expect(server(PAGE, built)).toEqual({ origin: built, named: undefined });
    expect(server(`${PAGE}?server=https://other.example:8443`, built)).toEqual({
      origin: 'https://other.example:8443',
      named: 'other.example:8443',
    });
  });

  test('has one spelling, by which what is kept of it is found again', () => {
    for (const text of [
      'https://Game.example/',
      'https://game.example:443',
      ' https://game.example',
    ]) {
      const address = `${PAGE}?server=${encodeURIComponent(text)}`;
      expect(server(address).origin, text).toBe('https://game.example');
    }
    const own = `${PAGE}?server=https://cdn.example`;
    expect(server(own)).toEqual({ origin: 'https://cdn.example', named: undefined });
  });

  test('has to be an origin, and nothing else', () => {
    for (const text of [
      '',
      'game.example',
      'game.example:8080',
      'ftp://game.example',
      'javascript:alert(1)',
      'https://game.example/pond',
      'https://game.example?room=x',
      'https://game.example#x',
      'https://ada:secret@game.example',
    ]) {
      const address = `${PAGE}?server=${encodeURIComponent(text)}`;
      expect(fault(address), text).toBe(
        `“${text}” is no server’s address: it has to be like https://game.example, with nothing behind the host and port.`,
      );
    }
    expect(fault(PAGE, 'game.example')).toMatch(/^“game\.example” is no server’s address/);
  });

  test('of a secure page is secure as well, but on this very machine', () => {
    expect(fault(`${PAGE}?server=http://game.example`)).toMatch(
      /^This page came over HTTPS.*“http:/,
    );
    for (const origin of ['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080']) {
      expect(server(`${PAGE}?server=${origin}`).origin).toBe(origin);
      expect(server('http://cdn.example/?server=http://game.example').origin).toBe(
        'http://game.example',
      );
    }
  });

  test('is told on the start screen where the address names it', () => {
    expect(placeText('willow', 'game.example')).toBe(
      'You join the room “willow”. The server is game.example.',
    );
    expect([placeText('willow', undefined), placeText(undefined, undefined)]).toEqual([
      'You join the room “willow”.',
      '',
    ]);
  });

  test('stays the same for a friend who is invited', () => {
    expect(inviteLink(`${PAGE}?server=https://game.example&name=Ada`, 'x')).toBe(
      `${PAGE}?room=x&server=https%3A%2F%2Fgame.example`,
    );
  });
});

describe('who plays here', () => {
  test('is another one on each server that the address names, and never told to another', () => {
    const kept = new Map<string, string>();
    const storage: TabStorage = {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    };
    const key = (address: string) => {
      const { origin } = server(address);
      const records = new Records(origin, new IdentityStore({ origin, storage }));
      return records.identityToJoin().key;
    };
    const own = key(PAGE);
    const other = key(`${PAGE}?server=https://game.example`);
    expect(other).not.toBe(own);
    expect([key(PAGE), key(`${PAGE}?server=https://GAME.example/`)]).toEqual([own, other]);
    expect([...kept.keys()]).toEqual([
      'battle-circles.identity https://cdn.example',
      'battle-circles.identity https://game.example',
    ]);
  });
});
