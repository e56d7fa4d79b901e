/** The ranking: what is asked, and what is made of each answer. */

import { describe, expect, test } from 'vitest';
import { type LeaderboardQuery, readLeaderboard } from '../../../src/net/records/leaderboard.ts';
import { ApiHost, problem } from '../../support/api-host.ts';

const ORIGIN = 'https://play.example';
const ADA = { rank: 1, player: 'ada-id', name: 'Ada', score: 1_234, games: 3, won: 1 };
const BO = { rank: 2, player: 'bo-id', name: 'Bo', score: 900, games: 5, won: 0 };
const PAGE = { window: 'day', room: null, entries: [ADA, BO], own: null, next: null };

function read(api: ApiHost, query: LeaderboardQuery = { window: 'day' }) {
  return readLeaderboard(ORIGIN, query, api.host);
}

describe('a page of the ranking', () => {
  test('has its entries in order', async () => {
    const api = new ApiHost(200, PAGE);
    await expect(read(api)).resolves.toEqual({
      entries: [ADA, BO],
      own: undefined,
      next: undefined,
    });
    expect(api.asked).toMatchObject([
      { method: 'GET', url: `${ORIGIN}/v1/leaderboard?window=day` },
    ]);
  });

  test('may be asked for by room, size, place and player', async () => {
    const api = new ApiHost(200, { ...PAGE, own: BO, next: 'c+/2' });
    const query = {
      window: 'week',
      room: 'willow',
      limit: 20,
      after: 'c+/1',
      player: 'bo-id',
    } as const;
    await expect(read(api, query)).resolves.toMatchObject({ own: BO, next: 'c+/2' });
    const asked = new URL(api.asked[0]?.url ?? '').searchParams;
    expect(Object.fromEntries(asked)).toEqual({ ...query, limit: '20' });
  });

  test('is read without what is malformed in it', async () => {
    const rows = [ADA, { ...BO, score: 'many' }, null, 5, { ...BO, rank: -1 }, { rank: 3 }];
    const api = new ApiHost(200, { ...PAGE, entries: rows, own: { rank: 4 }, next: 7 });
    await expect(read(api)).resolves.toEqual({ entries: [ADA], own: undefined, next: undefined });
  });

  test('has at most a hundred entries, however many are sent', async () => {
    const api = new ApiHost(200, { ...PAGE, entries: Array(500).fill(ADA) });
    expect((await read(api)).entries).toHaveLength(100);
  });

  test.each([null, 5, [], {}, { entries: 'none' }])('is not %j', async (body) => {
    await expect(read(new ApiHost(200, body))).rejects.toMatchObject({ reason: 'refused' });
  });
});

describe('no ranking', () => {
  test('is there where the server keeps nothing', async () => {
    const api = new ApiHost(404, problem('no-storage', 404));
    await expect(read(api)).rejects.toMatchObject({ problem: 'no-storage' });
  });

  test('comes from a server that does not answer', async () => {
    await expect(read(new ApiHost(undefined))).rejects.toMatchObject({ reason: 'unreachable' });
  });
});
