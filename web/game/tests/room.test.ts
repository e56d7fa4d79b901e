import { describe, expect, test } from 'vitest';
import { boundaryMood, boundaryRadius, upcomingStage } from '../src/model/boundary.ts';
import { EventQueue } from '../src/model/event-queue.ts';
import type { GameEvent, Phase } from '../src/model/events.ts';
import { FEED_LINES, FEED_TIME, KillFeed } from '../src/model/kill-feed.ts';
import { Room } from '../src/model/room.ts';
import { Timeline } from '../src/model/timeline.ts';

function phase(name: Phase, started = 0, ends = 0): GameEvent {
  return { kind: 'phase', phase: name, game: 0, started, ends, boundary: [], respawnsUntil: 0 };
}

function roster(...names: string[]): GameEvent {
  const entries = names.map((name, seat) => ({
    seat,
    name,
    isBot: seat > 1,
    isAlive: true,
    isParked: false,
  }));
  return { kind: 'roster', entries };
}

function standings(...masses: number[]): GameEvent {
  return { kind: 'standings', standings: masses.map((mass, seat) => ({ seat, mass })) };
}

describe('the kill feed', () => {
  test('keeps the newest lines and drops them after their time', () => {
    const feed = new KillFeed();
    for (let victim = 0; victim < FEED_LINES + 2; victim += 1) {
      feed.add(victim, undefined, victim * 100);
    }
    expect(feed.lines.map(({ victim }) => victim)).toEqual([2, 3, 4, 5]);
    feed.expire(200 + FEED_TIME);
    expect(feed.lines.map(({ victim }) => victim)).toEqual([3, 4, 5]);
    feed.expire(10_000);
    expect(feed.lines).toEqual([]);
  });

  test('tells two deaths of the same circle apart', () => {
    const feed = new KillFeed();
    feed.add(1, 2, 0);
    feed.add(1, 2, 0);
    expect(new Set(feed.lines.map(({ id }) => id)).size).toBe(2);
  });
});

describe('the room', () => {
  test('says who ate the player and which place that is', () => {
    const room = new Room();
    room.reset(0);
    room.apply(phase('playing'), 0);
    room.apply(standings(90, 80, 70, 60), 0);
    room.apply({ kind: 'eaten', victim: 3, eater: 1 }, 0);
    room.apply({ kind: 'eaten', victim: 0, eater: 1 }, 0);
    expect([room.eatenBy, room.ownPlace]).toEqual([1, 3]);
    expect(room.role(false)).toBe('spectating');
  });

  test('knows who is dead, also after a reload, and who is back', () => {
    const room = new Room();
    room.reset(0);
    const rosterWith = (isAlive: boolean): GameEvent => {
      const told = roster('Ada', 'Bo', 'Cleo');
      const entries = told.kind === 'roster' ? told.entries : [];
      return {
        kind: 'roster',
        entries: entries.map((entry) => (entry.seat === 0 ? { ...entry, isAlive } : entry)),
      };
    };
    room.apply(rosterWith(false), 0);
    room.apply(phase('playing'), 0);
    expect(room.isOwnDead()).toBe(true);
    room.isRespawning = true;
    room.apply({ kind: 'eaten', victim: 0, eater: 1 }, 0);
    room.apply(rosterWith(true), 0);
    expect([room.isOwnDead(), room.isRespawning, room.eatenBy]).toEqual([false, false, undefined]);
  });

  test('goes round the living others', () => {
    const room = new Room();
    room.reset(1);
    room.apply(roster('Ada', 'Bo', 'Cleo', 'Dan'), 0);
    room.apply(phase('playing'), 0);
    expect([0, 2, 3].map((seat) => room.livingAfter(seat, 1))).toEqual([2, 3, 0]);
    expect([0, 2, 3].map((seat) => room.livingAfter(seat, -1))).toEqual([3, 0, 2]);
  });

  test('forgets the last game when the next is counted down', () => {
    const room = new Room();
    room.reset(0);
    room.apply(roster('Ada', 'Bo'), 0);
    room.apply(phase('playing'), 0);
    room.apply(standings(90, 80), 0);
    room.apply({ kind: 'eaten', victim: 0, eater: undefined }, 0);
    room.isReady = true;
    expect(room.eatenBy).toBe('boundary');
    room.apply(phase('countdown'), 0);
    expect([room.eatenBy, room.ownPlace, room.isReady]).toEqual([undefined, undefined, false]);
    expect(room.kills.lines).toEqual([]);
    expect(room.nameOf(1)).toBe('Bo');
  });

  test('keeps the player’s fate when the game’s end is moved', () => {
    const room = new Room();
    room.reset(0);
    room.apply(phase('playing', 0, 900), 0);
    room.apply({ kind: 'eaten', victim: 0, eater: 1 }, 0);
    room.apply(phase('playing', 0, 300), 0);
    expect(room.eatenBy).toBe(1);
    expect(room.phase.ends).toBe(300);
  });

  test('has a blank name for an empty seat', () => {
    expect(new Room().nameOf(7)).toBe('');
  });
});

describe('the event queue', () => {
  test('holds events back until their tick is shown, in order', () => {
    const queue = new EventQueue<string>();
    const due = (tick: number | undefined): string[] => {
      const taken: string[] = [];
      for (let event = queue.next(tick); event !== undefined; event = queue.next(tick)) {
        taken.push(event);
      }
      return taken;
    };
    queue.push(10, 'a');
    queue.push(10, 'b');
    queue.push(12, 'c');
    expect(due(9.9)).toEqual([]);
    expect(due(11.5)).toEqual(['a', 'b']);
    expect(due(undefined)).toEqual(['c']);
  });

  test('lets what happens to the player pass, in order with what came before', () => {
    const queue = new EventQueue<string>();
    queue.push(10, 'standings');
    queue.push(12, 'own end', true);
    queue.push(14, 'another’s end');
    expect([queue.next(3), queue.next(3), queue.next(3)]).toEqual([
      'standings',
      'own end',
      undefined,
    ]);
    expect(queue.next(14)).toBe('another’s end');
  });
});

describe('the timeline', () => {
  test('lets circles move from the tick after the start to the last of the game', () => {
    const timeline = new Timeline();
    expect(timeline.canMove(5)).toBe(false);
    timeline.apply(phase('countdown', 100, 280));
    expect([timeline.canMove(280), timeline.canMove(281)]).toEqual([false, true]);
    timeline.apply(phase('playing', 280, 400));
    expect([280, 281, 400, 401].map((tick) => timeline.canMove(tick))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    timeline.apply(phase('results', 400, 1_000));
    expect(timeline.canMove(401)).toBe(false);
  });

  test('counts people, not bots', () => {
    const timeline = new Timeline();
    timeline.apply(roster('Ada', 'Bo', 'Bot', 'Another'));
    expect(timeline.playerCount).toBe(2);
  });
});

describe('the boundary', () => {
  const stages = [
    { start: 100, end: 200, from: 1_600, to: 1_200 },
    { start: 300, end: 400, from: 1_200, to: 800 },
  ];

  test('stands, shrinks evenly, stands again and stays at its last place', () => {
    const at = (tick: number): number => boundaryRadius(stages, tick, 99);
    expect([0, 100, 150, 200, 250, 350, 400, 9_999].map(at)).toEqual([
      1_600, 1_600, 1_400, 1_200, 1_200, 1_000, 800, 800,
    ]);
    expect(boundaryRadius([], 5, 1_800)).toBe(1_800);
  });

  test('names its next stage until the last is over', () => {
    expect([0, 150, 250, 400].map((tick) => boundaryMood(stages, tick))).toEqual([
      'still',
      'closing',
      'still',
      'final',
    ]);
    expect(upcomingStage(stages, 250)?.to).toBe(800);
  });
});
