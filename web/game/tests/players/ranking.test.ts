/** The leaderboard as it is read: page after page, one's own row, and answers that come too late. */

import {
  ConnectError,
  type LeaderboardEntry,
  type LeaderboardPage,
  type LeaderboardQuery,
} from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import { Ranking } from '../../src/players/ranking.ts';

const UNREACHABLE = new ConnectError('unreachable', 'no answer');

function entry(rank: number, player = `p${rank}`): LeaderboardEntry {
  return { rank, player, name: player.toUpperCase(), score: 1_000 - rank, games: 3, won: 1 };
}

function page(from: number, to: number, more: Partial<LeaderboardPage> = {}): LeaderboardPage {
  const entries = Array.from({ length: to - from + 1 }, (_, index) => entry(from + index));
  return { entries, own: undefined, next: undefined, ...more };
}

/** A ranking whose answers are these, one after the other. */
function scene(...answers: readonly (LeaderboardPage | Error)[]) {
  const asked: LeaderboardQuery[] = [];
  const left = [...answers];
  const ranking = new Ranking(async (query) => {
    asked.push(query);
    const answer = left.shift();
    if (answer === undefined || answer instanceof Error) {
      throw answer ?? new Error('nothing was to be asked');
    }
    return answer;
  });
  return { ranking, asked, ranks: () => ranking.entries.map(({ rank }) => rank) };
}

describe('pages', () => {
  test('are read one by one until there is none', async () => {
    const { ranking, asked, ranks } = scene(page(1, 3, { next: 'c1' }), page(4, 5));
    await ranking.show('week', 'willow');
    expect(ranks()).toEqual([1, 2, 3]);
    expect(ranking.hasMore).toBe(true);
    await ranking.more();
    expect(ranks()).toEqual([1, 2, 3, 4, 5]);
    expect(ranking.hasMore).toBe(false);
    await ranking.more();
    expect(asked).toHaveLength(2);
    expect(asked).toMatchObject([
      { window: 'week', room: 'willow', after: undefined },
      { window: 'week', room: 'willow', after: 'c1' },
    ]);
  });

  test('name nobody twice who has moved down between them', async () => {
    const second = { ...page(4, 4), entries: [entry(4, 'p3'), entry(5)] };
    const { ranking } = scene(page(1, 3, { next: 'c1' }), second);
    await ranking.show('day', undefined);
    await ranking.more();
    expect(ranking.entries.map(({ player }) => player)).toEqual(['p1', 'p2', 'p3', 'p5']);
  });

  test('are not asked for twice at a time', async () => {
    const { ranking, asked } = scene(page(1, 3, { next: 'c1' }), page(4, 5));
    await ranking.show('day', undefined);
    await Promise.all([ranking.more(), ranking.more()]);
    expect(asked).toHaveLength(2);
  });

  test('that fail leave those before, and are asked for again', async () => {
    const { ranking, asked, ranks } = scene(page(1, 3, { next: 'c1' }), UNREACHABLE, page(4, 4));
    await ranking.show('day', undefined);
    await ranking.more();
    expect(ranking.error).toBe(UNREACHABLE);
    expect(ranks()).toEqual([1, 2, 3]);
    await ranking.more();
    expect(ranking.error).toBeUndefined();
    expect(ranks()).toEqual([1, 2, 3, 4]);
    expect(asked.at(-1)?.after).toBe('c1');
  });

  test('of another window begin at the top', async () => {
    const { ranking, asked, ranks } = scene(page(1, 3, { next: 'c1' }), page(1, 2));
    await ranking.show('day', undefined);
    await ranking.show('all', undefined);
    expect(ranks()).toEqual([1, 2]);
    expect(asked.at(-1)).toMatchObject({ window: 'all', after: undefined });
  });
});

describe('one’s own row', () => {
  test('is shown apart until the pages reach it', async () => {
    const own = entry(4);
    const { ranking } = scene(page(1, 3, { own, next: 'c1' }), page(4, 5, { own }));
    await ranking.show('day', undefined);
    expect(ranking.ownElsewhere).toEqual(own);
    await ranking.more();
    expect(ranking.ownElsewhere).toBeUndefined();
    expect(ranking.own).toEqual(own);
  });

  test('is none for who has finished no game in that window', async () => {
    const { ranking } = scene(page(1, 3));
    await ranking.show('day', undefined);
    expect(ranking.ownElsewhere).toBeUndefined();
  });
});

describe('an answer', () => {
  test.each([
    ['a page', page(1, 9)],
    ['a failure', UNREACHABLE],
  ])('that comes after another window was chosen changes nothing: %s', async (_, late) => {
    const answers: ((answer: LeaderboardPage | Error) => void)[] = [];
    const ranking = new Ranking(
      () =>
        new Promise((resolve, reject) => {
          answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
        }),
    );
    const shown = [ranking.show('day', undefined), ranking.show('week', undefined)];
    answers[1]?.(page(1, 2));
    await shown[1];
    answers[0]?.(late);
    await shown[0];
    expect(ranking.entries).toHaveLength(2);
    expect([ranking.window, ranking.isLoading, ranking.error]).toEqual(['week', false, undefined]);
  });

  test('is told of when it is waited for and when it is there', async () => {
    const { ranking } = scene(page(1, 1));
    const seen: boolean[] = [];
    ranking.onChange = () => seen.push(ranking.isLoading);
    await ranking.show('day', undefined);
    expect(seen).toEqual([true, false]);
  });
});
