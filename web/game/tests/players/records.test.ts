/** What the page asks about players by itself: whether there is a leaderboard, and one's rank today. */

import {
  ConnectError,
  type Identity,
  IdentityCodeError,
  IdentityStore,
  type LeaderboardEntry,
  type LeaderboardQuery,
} from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import { RankToday, rankLine } from '../../src/app/rank-today.ts';
import { Records } from '../../src/app/records.ts';
import type { ResultRow } from '../../src/model/events.ts';
import { Room } from '../../src/model/room.ts';
import { adoptErrorText, emptyText, recordsErrorText } from '../../src/players/words.ts';

const ORIGIN = 'https://play.example';
const OWN: LeaderboardEntry = {
  rank: 12,
  player: 'ada-id',
  name: 'Ada',
  score: 3_400,
  games: 3,
  won: 1,
};

const NO_STORAGE = refusal(404, 'no-storage');
const DELETED = refusal(410, 'deleted-player');

function refusal(status: number, problem: string): ConnectError {
  return new ConnectError('refused', problem, { status, problem });
}

/** A page whose server gives this as one's own entry and profile, or fails with it. */
function records(answer: LeaderboardEntry | undefined | Error, profile?: Error) {
  const asked: LeaderboardQuery[] = [];
  const store = new IdentityStore({ origin: ORIGIN, storage: undefined });
  store.learn(store.current().identity, 'ada-id');
  const readLeaderboard = async (_: string, query: LeaderboardQuery) => {
    asked.push(query);
    if (answer instanceof Error) {
      throw answer;
    }
    return { entries: [], own: answer, next: undefined };
  };
  const profiles: string[] = [];
  const readOwn = async (_: string, { key }: Identity) => {
    profiles.push(key);
    if (profile !== undefined) {
      throw profile;
    }
    return undefined;
  };
  return { made: new Records(ORIGIN, store, readLeaderboard, readOwn), asked, profiles };
}

function rankOf(made: Records): RankToday {
  return new RankToday(
    () => made.ownEntryToday(),
    () => made.findDeleted(),
  );
}

describe('the leaderboard', () => {
  test('is hidden where the server keeps nothing, and not asked for again', async () => {
    const { made, asked } = records(NO_STORAGE);
    await expect(made.isThere()).resolves.toBe(false);
    await expect(made.ownEntryToday()).resolves.toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['has entries', OWN],
    ['is empty', undefined],
    ['can’t be reached', new ConnectError('unreachable', 'no answer')],
    ['is busy', refusal(503, 'busy')],
  ])('is offered where it %s', async (_, answer) => {
    await expect(records(answer).made.isThere()).resolves.toBe(true);
  });
});

describe('a session that begins', () => {
  test('tells the id of whom the join was for', () => {
    const { made } = records(OWN);
    made.store.renew();
    const identity = made.identityToJoin();
    made.joined({ player: 'bo-id', resumed: false });
    expect(made.store.current()).toEqual({ identity, player: 'bo-id' });
  });

  test('after another tab has begun anew is for whoever plays here then', () => {
    const { made } = records(OWN);
    const before = made.identityToJoin();
    made.store.renew();
    made.joined({ player: 'ada-id', resumed: false });
    expect(made.store.current().player).toBeUndefined();
    expect(made.identityToJoin()).not.toEqual(before);
    made.joined({ player: 'bo-id', resumed: false });
    expect(made.store.current().player).toBe('bo-id');
  });

  test('in a seat from before tells nothing: that is its player’s', () => {
    const { made } = records(OWN);
    made.store.renew();
    made.identityToJoin();
    made.joined({ player: 'ada-id', resumed: true });
    expect(made.store.current().player).toBeUndefined();
  });
});

describe('a player that another device has deleted', () => {
  test('is somebody new from now on, and hears of it once', async () => {
    const { made, profiles } = records(undefined, DELETED);
    const { identity } = made.store.current();
    await expect(made.findDeleted()).resolves.toBe(true);
    expect(made.store.current().identity).not.toEqual(identity);
    expect(made.store.current().player).toBeUndefined();
    await expect(made.findDeleted()).resolves.toBe(false);
    expect(profiles).toEqual([identity.key]);
  });

  test('is left alone where another tab has begun anew meanwhile', async () => {
    const { made } = records(undefined, DELETED);
    const answer = made.findDeleted();
    made.store.renew();
    const { identity } = made.store.current();
    await expect(answer).resolves.toBe(false);
    expect(made.store.current().identity).toEqual(identity);
  });

  test.each([
    ['no answer', new ConnectError('unreachable', 'no answer')],
    ['another refusal', refusal(503, 'busy')],
    ['a seat that is gone', refusal(410, 'seat-gone')],
  ])('is not taken for one after %s', async (_, error) => {
    const { made } = records(undefined, error);
    const { identity } = made.store.current();
    await expect(made.findDeleted()).resolves.toBe(false);
    expect(made.store.current().identity).toEqual(identity);
  });

  test('is not looked for where nobody has played', async () => {
    const { made, profiles } = records(undefined, DELETED);
    made.store.renew();
    await expect(made.findDeleted()).resolves.toBe(false);
    expect(profiles).toEqual([]);
  });

  test('is told so in the results, where one has no place today', async () => {
    const { made } = records(undefined, DELETED);
    const rank = rankOf(made);
    rank.update(roomWithResults(1), 0);
    rank.update(roomWithResults(1), 2_000);
    await settled();
    expect(rank.line).toMatch(/^This player was deleted on another device\./);
  });
});

/** A room whose game of this number is over, as the player in seat 1 sees it. */
function roomWithResults(game: number, seat = 1): Room {
  const room = new Room();
  room.reset(1);
  const times = { started: 0, ends: 600, boundary: [], respawnsUntil: 0 };
  const row: ResultRow = {
    seat,
    place: 1,
    score: 900,
    peakMass: 400,
    circles: 2,
    knibbles: 30,
    survived: 900,
  };
  room.apply({ kind: 'phase', phase: 'results', game, ...times }, 0);
  room.apply({ kind: 'results', rows: [row] }, 0);
  return room;
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

describe('one’s rank today', () => {
  test('is asked for once, a moment after the results', async () => {
    const { made, asked } = records(OWN);
    const rank = rankOf(made);
    const room = roomWithResults(1);
    for (let now = 0; now <= 10_000; now += 100) {
      rank.update(room, now);
      expect(asked).toHaveLength(now < 2_000 ? 0 : 1);
    }
    await settled();
    expect(rank.line).toBe('Today you are 12th, with 3\u2009400 points.');
    expect(asked).toMatchObject([{ window: 'day', player: 'ada-id' }]);
  });

  test('goes with the results, and is asked for anew after the next game', async () => {
    const { made, asked } = records(OWN);
    const rank = rankOf(made);
    rank.update(roomWithResults(1), 0);
    rank.update(roomWithResults(1), 2_000);
    await settled();
    rank.update(new Room(), 3_000);
    expect(rank.line).toBe('');
    rank.update(roomWithResults(2), 200_000);
    rank.update(roomWithResults(2), 202_000);
    expect(asked).toHaveLength(2);
  });

  test('that comes after the results says nothing', async () => {
    const { made } = records(OWN);
    const rank = rankOf(made);
    rank.update(roomWithResults(1), 0);
    rank.update(roomWithResults(1), 2_000);
    rank.update(new Room(), 2_100);
    await settled();
    expect(rank.line).toBe('');
  });

  test.each([
    ['is none', undefined],
    ['can’t be had', NO_STORAGE],
  ])('that %s says nothing', async (_, answer) => {
    const { made } = records(answer);
    const rank = rankOf(made);
    rank.update(roomWithResults(1), 0);
    rank.update(roomWithResults(1), 2_000);
    await settled();
    expect(rank.line).toBe('');
  });

  test('is not asked for by who has only watched', () => {
    const { made, asked } = records(OWN);
    const rank = rankOf(made);
    rank.update(roomWithResults(1, 5), 0);
    rank.update(roomWithResults(1, 5), 5_000);
    expect(asked).toEqual([]);
  });

  test('is told in a sentence', () => {
    expect(rankLine({ ...OWN, rank: 1, score: 1 })).toBe('Today you are 1st, with 1 point.');
  });
});

describe('the words', () => {
  test.each([
    [new ConnectError('unreachable', ''), /Check your connection/],
    [NO_STORAGE, /keeps no scores/],
    [DELETED, /deleted on another device\. You are somebody new/],
    [refusal(400, 'bad-name'), /Try another/],
    [refusal(429, 'too-many-requests'), /Wait a few seconds/],
    [refusal(503, 'busy'), /again in a moment/],
    [new Error('oops'), /Reload/],
  ])('for %s say what to do', (error, words) => {
    expect(recordsErrorText(error)).toMatch(words);
  });

  test('for a code say why it is not taken', () => {
    expect(adoptErrorText(DELETED)).toMatch(/was deleted\. You stay who you are/);
    expect(adoptErrorText(new IdentityCodeError())).toMatch(/typing error/);
    expect(adoptErrorText(refusal(503, 'busy'))).toMatch(/again in a moment/);
  });

  test('for an empty list name its time and room', () => {
    expect(emptyText('week', 'willow')).toBe(
      'Nobody has finished a game this week in the room “willow”. Play one, and you lead.',
    );
    expect(emptyText('all', undefined)).toBe(
      'Nobody has finished a game yet. Play one, and you lead.',
    );
  });
});
