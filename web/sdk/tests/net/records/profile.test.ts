/** What the server keeps of a player: what is asked, and what is made of each answer. */

import { describe, expect, test } from 'vitest';
import { Identity } from '../../../src/identity.ts';
import {
  deletePlayer,
  isDeletedPlayer,
  readOwnProfile,
  readProfile,
  renamePlayer,
} from '../../../src/net/records/profile.ts';
import { ApiHost, problem } from '../../support/api-host.ts';

const ORIGIN = 'https://play.example';
const ADA = '6f1c7a52-6f0e-4b7e-9a43-0d1f5b8d2c11';
const OWN = `${ORIGIN}/v1/players/me`;
const identity = Identity.fromBytes(new Uint8Array(16).fill(1));

const ROW = {
  id: ADA,
  name: 'Ada',
  games_played: 12,
  games_won: 3,
  total_score: 45_600,
  first_seen: '2026-01-02T03:04:05Z',
  last_seen: '2026-02-03T04:05:06.789Z',
};

const PROFILE = {
  id: ADA,
  name: 'Ada',
  gamesPlayed: 12,
  gamesWon: 3,
  totalScore: 45_600,
  firstSeen: new Date('2026-01-02T03:04:05Z'),
  lastSeen: new Date('2026-02-03T04:05:06.789Z'),
};

/** All calls on one server. */
const CALLS = {
  read: ({ host }: ApiHost) => readProfile(ORIGIN, ADA, host),
  readOwn: ({ host }: ApiHost) => readOwnProfile(ORIGIN, identity, host),
  rename: ({ host }: ApiHost) => renamePlayer(ORIGIN, identity, 'Ada L', host),
  delete: ({ host }: ApiHost) => deletePlayer(ORIGIN, identity, host),
};

const EACH_CALL = Object.entries(CALLS);

describe('a profile', () => {
  test('of anybody is read without a key', async () => {
    const api = new ApiHost(200, ROW);
    await expect(CALLS.read(api)).resolves.toEqual(PROFILE);
    expect(api.asked).toMatchObject([
      { method: 'GET', url: `${ORIGIN}/v1/players/${ADA}`, authorization: undefined },
    ]);
  });

  test('of one’s own is read with the key alone', async () => {
    const api = new ApiHost(200, ROW);
    await expect(CALLS.readOwn(api)).resolves.toEqual(PROFILE);
    expect(api.asked).toEqual([
      { method: 'GET', url: OWN, authorization: `Bearer ${identity.key}`, body: undefined },
    ]);
  });

  test('is renamed with the key alone', async () => {
    const api = new ApiHost(200, { ...ROW, name: 'Ada L' });
    await expect(CALLS.rename(api)).resolves.toEqual({ ...PROFILE, name: 'Ada L' });
    expect(api.asked).toEqual([
      {
        method: 'PATCH',
        url: OWN,
        authorization: `Bearer ${identity.key}`,
        body: { name: 'Ada L' },
      },
    ]);
  });

  test('is deleted with the key alone', async () => {
    const api = new ApiHost(204);
    await expect(CALLS.delete(api)).resolves.toBeUndefined();
    expect(api.asked).toEqual([
      { method: 'DELETE', url: OWN, authorization: `Bearer ${identity.key}`, body: undefined },
    ]);
  });

  test.each([CALLS.read, CALLS.readOwn, CALLS.rename])(
    'of who has not finished a game is nothing, and no error',
    async (call) => {
      const api = new ApiHost(404, problem('no-such-player', 404));
      await expect(call(api)).resolves.toBeUndefined();
    },
  );

  test.each([
    ['id', 5],
    ['name', undefined],
    ['games_played', -1],
    ['games_won', 1.5],
    ['total_score', '12'],
    ['first_seen', 'yesterday'],
    ['last_seen', null],
  ])('whose %s is %j is refused', async (member, value) => {
    const api = new ApiHost(200, { ...ROW, [member]: value });
    await expect(CALLS.read(api)).rejects.toMatchObject({
      reason: 'refused',
      message: expect.stringContaining(member),
    });
  });
});

describe('a player that was deleted on another device', () => {
  test.each([CALLS.readOwn, CALLS.rename])('is told from one who is unknown', async (call) => {
    const api = new ApiHost(410, problem('deleted-player', 410));
    const error: unknown = await call(api).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: 'refused', status: 410, problem: 'deleted-player' });
    expect(isDeletedPlayer(error)).toBe(true);
  });

  test('is not taken for a server that keeps nothing, nor for another 410', async () => {
    for (const [status, type] of [
      [404, 'no-storage'],
      [410, 'seat-gone'],
    ] as const) {
      const api = new ApiHost(status, problem(type, status));
      const error: unknown = await CALLS.readOwn(api).catch((caught: unknown) => caught);
      expect(isDeletedPlayer(error)).toBe(false);
    }
  });
});

describe('a server', () => {
  test.each(EACH_CALL)('that keeps nothing says so to %s', async (_, call) => {
    const api = new ApiHost(404, problem('no-storage', 404));
    await expect(call(api)).rejects.toMatchObject({ problem: 'no-storage', status: 404 });
  });

  test.each(EACH_CALL)('that says no to %s has its words told', async (_, call) => {
    const api = new ApiHost(403, problem('not-yours', 403));
    await expect(call(api)).rejects.toMatchObject({
      reason: 'refused',
      status: 403,
      problem: 'not-yours',
      message: 'It is not-yours.',
    });
  });

  test.each(EACH_CALL)('that does not answer %s is unreachable', async (_, call) => {
    await expect(call(new ApiHost(undefined))).rejects.toMatchObject({ reason: 'unreachable' });
  });

  test('that answers no JSON has not answered', async () => {
    await expect(CALLS.read(new ApiHost(200))).rejects.toMatchObject({ reason: 'unreachable' });
  });
});
