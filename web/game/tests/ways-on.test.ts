import { ConnectError } from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import { isRoomsFault } from '../src/app/closed-text.ts';
import { dangerText, HURRIED } from '../src/hud/notices.ts';
import { rankedBy } from '../src/hud/ranked-by.ts';
import { isCardDue, leftText } from '../src/hud/return-card.ts';
import type { PhaseEvent, ResultRow } from '../src/model/events.ts';
import { Room } from '../src/model/room.ts';

function playing(game: number, ends: number): PhaseEvent {
  return {
    kind: 'phase',
    phase: 'playing',
    game,
    started: 0,
    ends,
    boundary: [],
    respawnsUntil: 0,
  };
}

function row(place: number, score: number): ResultRow {
  return { seat: place, place, score, peakMass: 0, circles: 0, knibbles: 0, survived: 0 };
}

describe('a game whose clock jumps', () => {
  test('is told to be cut short, until the next begins', () => {
    const room = new Room();
    room.apply(playing(1, 10_800), 0);
    expect(room.isHurried).toBe(false);
    room.apply(playing(1, 2_000), 0);
    expect(room.isHurried).toBe(true);
    room.apply({ ...playing(2, 400), phase: 'countdown' }, 0);
    room.apply(playing(2, 10_800), 0);
    expect(room.isHurried).toBe(false);
  });

  test('is spoken of where nothing is more urgent', () => {
    const calm = { isOutside: false, isDraining: false, isHurried: true, note: 'A note.' };
    expect(dangerText(calm)).toBe(HURRIED);
    expect(dangerText({ ...calm, isOutside: true })).toContain('Outside');
    expect(dangerText({ ...calm, isHurried: false })).toBe('A note.');
  });
});

describe('results', () => {
  test('have every place once, also where somebody has gone', () => {
    const room = new Room();
    room.apply({ ...playing(1, 900), phase: 'results' }, 0);
    room.apply({ kind: 'results', rows: [row(1, 9), row(2, 8), row(5, 1), row(3, 7)] }, 0);
    expect(room.results.map(({ place, seat }) => [place, seat])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 5],
    ]);
  });

  test('show the figure that the places follow', () => {
    expect(rankedBy([row(1, 900), row(2, 900), row(3, 20)])).toBe('score');
    expect(rankedBy([row(1, 900), row(2, 425), row(3, 913)])).toBe('survived');
    expect(rankedBy([])).toBe('score');
  });
});

describe('a join that the room refuses', () => {
  const refused = (status: number, problem: string): ConnectError =>
    new ConnectError('refused', 'no', { status, problem });

  test('may do in another', () => {
    expect(isRoomsFault(refused(409, 'room-full'))).toBe(true);
    expect(isRoomsFault(refused(400, 'bad-room'))).toBe(true);
    expect(isRoomsFault(refused(403, 'not-for-you'))).toBe(true);
  });

  test('is told from one that no room would take', () => {
    expect(isRoomsFault(refused(400, 'bad-name'))).toBe(false);
    expect(isRoomsFault(refused(403, 'login-needed'))).toBe(false);
    expect(isRoomsFault(refused(503, 'full'))).toBe(false);
    expect(isRoomsFault(new Error('no'))).toBe(false);
  });
});

describe('a session that is fetched anew', () => {
  test('has a card at once for a restart, and for a loss that lasts', () => {
    expect(isCardDue('restart', 0)).toBe(true);
    expect([isCardDue('lost', 2_000), isCardDue('lost', 4_000)]).toEqual([false, true]);
  });

  test('is tried for a time that is counted down', () => {
    expect(leftText(0)).toContain('120 s');
    expect(leftText(61_500)).toContain('59 s');
    expect(leftText(500_000)).toContain(' 0 s');
  });
});
