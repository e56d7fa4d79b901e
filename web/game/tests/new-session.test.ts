/** What the page shows from the loss of a session to the first word of the next. */

import type { ClientEvents, Status, Welcomed } from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import type { Client } from '../src/app/client.ts';
import { NEW_SEAT, Session } from '../src/app/session.ts';
import { announcement } from '../src/hud/announcer.ts';
import type { GameEvent } from '../src/model/events.ts';
import { MatchClock } from '../src/model/match-clock.ts';
import { Note } from '../src/model/note.ts';
import { Room } from '../src/model/room.ts';
import { Timeline } from '../src/model/timeline.ts';
import { fromHex, golden } from './support/golden-deltas.ts';

const PHASE: GameEvent = {
  kind: 'phase',
  phase: 'playing',
  game: 3,
  started: 0,
  ends: 900,
  boundary: [],
  respawnsUntil: 0,
};

function roster(...names: string[]): GameEvent {
  const entries = names.map((name, seat) => {
    return { seat, name, isBot: false, isAlive: true, isParked: false };
  });
  return { kind: 'roster', entries };
}

/** A room in which Ada, in seat 0, plays. */
function room(): Room {
  const made = new Room();
  made.reset(0);
  made.apply(roster('Ada', 'Bo'), 0);
  made.apply(PHASE, 0);
  made.apply({ kind: 'standings', standings: [{ seat: 0, mass: 90 }] }, 0);
  return made;
}

describe('a room whose session was lost', () => {
  test('stays as it was until the next session’s first phase', () => {
    const made = room();
    made.reset(4);
    made.apply(roster('Mira'), 0);
    expect([made.phase.phase, made.nameOf(1), made.standings.length]).toEqual(['playing', 'Bo', 1]);
    expect(made.isKnown).toBe(false);
    made.apply({ ...PHASE, game: 4 }, 0);
    expect([made.phase.game, made.nameOf(0), made.nameOf(1)]).toEqual([4, 'Mira', '']);
    expect([made.standings, made.isKnown]).toEqual([[], true]);
  });

  test('forgets what a second lost session had begun to tell', () => {
    const made = room();
    made.reset(0);
    made.apply(roster('Nobody'), 0);
    made.reset(0);
    made.apply(PHASE, 0);
    expect(made.roster).toEqual([]);
  });

  test('promises no game before anything is known', () => {
    expect(announcement(new Room())).toBe('');
    const made = room();
    made.clear();
    expect([announcement(made), made.roster.length]).toEqual(['', 0]);
  });
});

describe('the match’s clock', () => {
  const PLAYING = { state: 'playing' } as const;
  const GONE = { state: 'reconnecting' } as const;

  test('goes with the server’s, and stands still while that isn’t heard', () => {
    const clock = new MatchClock();
    clock.update(100, { state: 'connecting' }, new Room());
    expect(clock.tick).toBe(100);
    clock.update(160, PLAYING, room());
    clock.update(220, GONE, room());
    expect(clock.tick).toBe(160);
    clock.update(230, PLAYING, room());
    expect(clock.tick).toBe(230);
  });

  test('waits for a new session’s phase, whose ticks may be other ones', () => {
    const clock = new MatchClock();
    const made = room();
    clock.update(5_000, PLAYING, made);
    made.reset(0);
    clock.update(7, PLAYING, made);
    expect(clock.tick).toBe(5_000);
    made.apply(PHASE, 0);
    clock.update(9, PLAYING, made);
    expect(clock.tick).toBe(9);
  });
});

describe('a note', () => {
  test('is read for some seconds from the first look on', () => {
    const note = new Note();
    expect(note.read(0)).toBe('');
    note.say('Hello.');
    expect([note.read(50_000), note.read(55_900), note.read(56_000)]).toEqual([
      'Hello.',
      'Hello.',
      '',
    ]);
  });
});

/** A client that tells what a test makes it tell. */
class ToldClient {
  private readonly handlers = new Map<string, (event: never) => void>();

  on<K extends keyof ClientEvents>(kind: K, handler: (event: ClientEvents[K]) => void) {
    this.handlers.set(kind, handler);
    return () => undefined;
  }

  tell<K extends keyof ClientEvents>(kind: K, event: ClientEvents[K]): void {
    this.handlers.get(kind)?.(event as never);
  }
}

describe('a seat after a loss', () => {
  const GONE: Status = { state: 'reconnecting', rung: undefined, quality: 'gone' };

  function welcome(resumed: boolean): Welcomed {
    const { GameWelcome } = golden('game.json') as { GameWelcome: readonly { hex: string }[] };
    return {
      session: 'session',
      room: 'willow',
      player: 'ada-id',
      visibility: undefined,
      resumed,
      tickRate: 60,
      snapshotRate: 20,
      tick: 0,
      bytes: fromHex(GameWelcome[0]?.hex ?? ''),
    };
  }

  function told(returning: Status['returning'], resumed: boolean): string {
    const client = new ToldClient();
    const session = new Session(client as unknown as Client, new Timeline());
    client.tell('welcome', welcome(false));
    client.tell('status', { ...GONE, returning });
    client.tell('status', { ...GONE, returning: undefined });
    client.tell('welcome', welcome(resumed));
    return session.note.read(0);
  }

  test('is said to be a new one only where it is', () => {
    expect(told('lost', false)).toBe(NEW_SEAT);
    expect(told('lost', true)).toBe('');
    expect(told(undefined, false)).toBe('');
  });

  test('is not spoken of any more by who has left', () => {
    const lost = new ToldClient();
    const session = new Session(lost as unknown as Client, new Timeline(), room());
    lost.tell('status', { ...GONE, returning: 'lost' });
    session.note.say('Something.');
    const client = new ToldClient();
    session.attach(client as unknown as Client);
    expect([session.note.read(0), session.room.roster, session.room.isKnown]).toEqual([
      '',
      [],
      false,
    ]);
    client.tell('welcome', welcome(false));
    expect(session.note.read(0)).toBe('');
  });
});
