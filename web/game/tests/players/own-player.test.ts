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
  /** Whether the player has joined from here. Default yes. */
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
    read: (origin, { key }) => reply('read', origin, key),
    rename: (_, { key }, name) => reply('rename', key, name),
    delete: async (_, { key }) => void (await reply('delete', key)),
  };
  return { store, identity, asked, player: new OwnPlayer(ORIGIN, store, calls) };
}

function codeOf(identity: Identity): string {
  const store = new IdentityStore({ origin: ORIGIN, storage: undefined });
  store.adopt(identity);
  return new OwnPlayer(ORIGIN, store).code;
}

describe.each([
  ['has joined', true],
  ['has not joined', false],
])('a player who %s from here', (_, isKnown) => {
  test('has the server’s numbers, and its id with them', async () => {
    const { player, asked, store, identity } = scene({ isKnown });
    expect(player.isKnown).toBe(isKnown);
    await expect(player.profile()).resolves.toEqual(PROFILE);
    expect(asked).toEqual([['read', ORIGIN, identity.key]]);
    expect(store.current()).toEqual({ identity, player: 'ada-id' });
  });

  test('is renamed by its key', async () => {
    const { player, asked, identity } = scene({ isKnown });
    await expect(player.rename('Ada L')).resolves.toEqual(PROFILE);
    expect(asked).toEqual([['rename', identity.key, 'Ada L']]);
  });

  test('is deleted by its key, which is burnt: somebody new plays here', async () => {
    const { player, asked, store, identity } = scene({ isKnown });
    await player.delete();
    expect(asked).toEqual([['delete', identity.key]]);
    expect(store.current().identity).not.toEqual(identity);
    expect(player.isKnown).toBe(false);
  });
});

describe('a player who has finished no game', () => {
  test('has no numbers and no id yet', async () => {
    const { player } = scene({ isKnown: false, answer: null });
    await expect(player.profile()).resolves.toBeUndefined();
    expect(player.isKnown).toBe(false);
  });

  test('takes its name into the next one', async () => {
    const { player } = scene({ answer: null });
    await expect(player.rename('Ada L')).resolves.toBeUndefined();
  });
});

test('a profile that comes when somebody else plays here tells nothing about them', async () => {
  const { player, store } = scene({ isKnown: false });
  const profile = player.profile();
  store.renew();
  await profile;
  expect(store.current().player).toBeUndefined();
});

describe('a player that another device has deleted', () => {
  const DELETED = new ConnectError('refused', 'gone', { status: 410, problem: 'deleted-player' });

  test.each([
    ['asked about', (player: OwnPlayer) => player.profile()],
    ['renamed', (player: OwnPlayer) => player.rename('Ada L')],
  ])('makes room for somebody new when it is %s', async (_, call) => {
    const { player, store, identity } = scene({ answer: DELETED });
    await expect(call(player)).rejects.toBe(DELETED);
    expect(store.current().identity).not.toEqual(identity);
    expect(player.isKnown).toBe(false);
  });

  test('can’t be adopted: who plays here stays', async () => {
    const { player, store, identity } = scene({ answer: DELETED });
    await expect(player.adopt(codeOf(Identity.create()))).rejects.toBe(DELETED);
    expect(store.current()).toEqual({ identity, player: 'ada-id' });
  });
});

describe('a deletion', () => {
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
  test('brings the player to another device', async () => {
    const [here, there] = [scene(), scene({ isKnown: false })];
    const code = here.player.code.toLowerCase();
    expect(there.player.isOther(code)).toBe(true);
    await there.player.adopt(code);
    expect(there.asked).toEqual([['read', ORIGIN, here.identity.key]]);
    expect(there.store.current()).toEqual({ identity: here.identity, player: 'ada-id' });
    expect(there.player.isOther(code)).toBe(false);
  });

  test('of who has finished no game is taken, too', async () => {
    const { player, store } = scene({ answer: null });
    const other = Identity.create();
    await player.adopt(codeOf(other));
    expect(store.current()).toEqual({ identity: other, player: undefined });
  });

  test('that can’t be checked changes nothing', async () => {
    const { player, store, identity } = scene({ answer: UNREACHABLE });
    await expect(player.adopt(codeOf(Identity.create()))).rejects.toBe(UNREACHABLE);
    expect(store.current()).toEqual({ identity, player: 'ada-id' });
  });

  test('with a typing error changes nothing', async () => {
    const { player, store, identity } = scene();
    const code = codeOf(Identity.create());
    const wrong = code.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(() => player.isOther(wrong)).toThrow(IdentityCodeError);
    await expect(player.adopt(wrong)).rejects.toThrow(IdentityCodeError);
    expect(store.current().identity).toEqual(identity);
  });
});
