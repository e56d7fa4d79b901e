/** The player of a browser: its name, its way to another device, and its end. */

import {
  ConnectError,
  Identity,
  IdentityCodeError,
  IdentityStore,
  type PlayerProfile,
} from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import { OwnPlayer, type PlayerCalls } from '../../src/players/own-player.ts';

const ORIGIN = 'https://play.example';
const UNREACHABLE = new ConnectError('unreachable', 'no answer');

const PROFILE: PlayerProfile = {
  id: 'ada-id',
  name: 'Ada',
  gamesPlayed: 3,
  gamesWon: 1,
  totalScore: 900,
  firstSeen: new Date(0),
  lastSeen: new Date(0),
};

interface Circumstances {
  /** Whether the player has joined from here. */
  readonly isKnown?: boolean;
  /** What the server gives, or fails with; null where it knows nobody. */
  readonly answer?: PlayerProfile | null | Error;
}

/** A browser without storage, and its server. */
function scene({ isKnown = true, answer = PROFILE }: Circumstances = {}) {
  const store = new IdentityStore({ origin: ORIGIN, storage: undefined });
  const { identity } = store.current();
  if (isKnown) {
    store.learn(identity, 'ada-id');
  }
  const asked: unknown[][] = [];
  const reply = async (...call: unknown[]) => {
    asked.push(call);
    if (answer instanceof Error) {
      throw answer;
    }
    return answer ?? undefined;
  };
  const calls: PlayerCalls = {
    read: (origin, player) => reply('read', origin, player),
    rename: (_, player, { key }, name) => reply('rename', player, key, name),
    delete: async (_, player, { key }) => void (await reply('delete', player, key)),
  };
  return { store, identity, asked, player: new OwnPlayer(ORIGIN, store, calls) };
}

function codeOf(identity: Identity): string {
  const store = new IdentityStore({ origin: ORIGIN, storage: undefined });
  store.adopt(identity);
  return new OwnPlayer(ORIGIN, store).code;
}

describe('a player who has joined from here', () => {
  test('has the server’s numbers', async () => {
    const { player, asked } = scene();
    await expect(player.profile()).resolves.toEqual(PROFILE);
    expect(asked).toEqual([['read', ORIGIN, 'ada-id']]);
  });

  test('is renamed with its key', async () => {
    const { player, asked, identity } = scene();
    await expect(player.rename('Ada L')).resolves.toEqual(PROFILE);
    expect(asked).toEqual([['rename', 'ada-id', identity.key, 'Ada L']]);
  });

  test('and has finished no game takes its name into the next one', async () => {
    const { player } = scene({ answer: null });
    await expect(player.rename('Ada L')).resolves.toBeUndefined();
  });
});

test('a player who has not joined from here is nobody to ask about', async () => {
  const { player, asked, store, identity } = scene({ isKnown: false });
  expect(player.isKnown).toBe(false);
  await expect(player.profile()).resolves.toBeUndefined();
  await expect(player.rename('Ada')).resolves.toBeUndefined();
  await player.delete();
  expect(asked).toEqual([]);
  expect(store.current().identity).toEqual(identity);
});

describe('a deletion', () => {
  test('burns the key: somebody new plays here', async () => {
    const { player, asked, store, identity } = scene();
    await player.delete();
    expect(asked).toEqual([['delete', 'ada-id', identity.key]]);
    expect(store.current().identity).not.toEqual(identity);
    expect(player.isKnown).toBe(false);
  });

  test('that fails leaves all as it was', async () => {
    const { player, store, identity } = scene({ answer: UNREACHABLE });
    await expect(player.delete()).rejects.toBe(UNREACHABLE);
    expect(store.current()).toEqual({ identity, player: 'ada-id' });
  });

  test('leaves somebody alone who has come from another device meanwhile', async () => {
    const { player, store } = scene();
    const other = Identity.create();
    const deletion = player.delete();
    store.adopt(other);
    await deletion;
    expect(store.current().identity).toEqual(other);
  });
});

describe('a code', () => {
  test('brings the player to another device', () => {
    const [here, there] = [scene(), scene({ isKnown: false })];
    const code = here.player.code.toLowerCase();
    expect(there.player.isOther(code)).toBe(true);
    there.player.adopt(code);
    expect(there.store.current()).toEqual({ identity: here.identity, player: undefined });
    expect(there.player.isOther(code)).toBe(false);
  });

  test('with a typing error changes nothing', () => {
    const { player, store, identity } = scene();
    const code = codeOf(Identity.create());
    const wrong = code.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(() => player.isOther(wrong)).toThrow(IdentityCodeError);
    expect(() => player.adopt(wrong)).toThrow(IdentityCodeError);
    expect(store.current().identity).toEqual(identity);
  });
});
