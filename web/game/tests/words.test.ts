import { ConnectError } from '@battle-circles/sdk';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { closedText, endText, joinErrorText } from '../src/app/closed-text.ts';
import { NoGraphicsError } from '../src/app/no-graphics-error.ts';
import { addressWithRoom, inviteLink, readParameters } from '../src/app/parameters.ts';
import { cleanName, inventName, recallName, settleName } from '../src/app/player-name.ts';
import { announcement } from '../src/hud/announcer.ts';
import { ringText } from '../src/hud/clock.ts';
import {
  bitRate,
  clock,
  count,
  ordinal,
  percent,
  recordingName,
  secondsLeft,
} from '../src/hud/format.ts';
import { fateText } from '../src/hud/notices.ts';
import { shortened, standingsRows } from '../src/hud/standings-rows.ts';
import { Room } from '../src/model/room.ts';

describe('numbers', () => {
  test('are written as people read them', () => {
    expect([clock(10_800, 60), clock(61, 60), clock(-5, 60)]).toEqual(['3:00', '0:02', '0:00']);
    expect([1, 2, 3, 4, 11, 12, 13, 21, 22].map(ordinal).join(' ')).toBe(
      '1st 2nd 3rd 4th 11th 12th 13th 21st 22nd',
    );
    expect([percent(0), percent(0.004), percent(0.183)]).toEqual(['0 %', '0.4 %', '18 %']);
    expect([count(999), count(12_480)]).toEqual(['999', '12\u2009480']);
    expect(bitRate(1_550, 1_000)).toBe('12.4 kbit/s');
    expect(bitRate(0, 0)).toBe('0.0 kbit/s');
    expect(secondsLeft(180, 60)).toBe(3);
  });
});

describe('a recording’s file', () => {
  test('is named by its date and time', () => {
    expect(recordingName(new Date(2026, 10, 2, 9, 5), 'csv')).toBe(
      'battle-circles-2026-11-02-0905.csv',
    );
  });
});

describe('names', () => {
  test('are cleaned and cut to what the server takes, between characters', () => {
    expect(cleanName('  Ada \n  Lovelace ')).toBe('Ada Lovelace');
    expect(cleanName('水'.repeat(40))).toBe('水'.repeat(16));
    expect(cleanName('🌊'.repeat(40))).toBe('🌊'.repeat(12));
    expect(cleanName(`${'a'.repeat(15)} b`)).toBe('a'.repeat(15));
    expect(cleanName('\u202eA\u0000d\u200ba')).toBe('Ada');
    expect(cleanName('   ')).toBe('');
    expect(cleanName('\u3164A\u00add\u2800a\ufe0f\u{e0041}')).toBe('Ada');
    expect(cleanName('\u3164')).toBe('');
    expect(cleanName(`\u0301e${'\u0301'.repeat(9)}a`)).toBe(`e${'\u0301'.repeat(3)}a`);
    expect(cleanName('❤\ufe0f 🇫🇷')).toBe('❤\ufe0f 🇫🇷');
  });

  test('are invented for who gives none', () => {
    expect(inventName(() => 0)).toBe('Calm Newt');
    expect(inventName(() => 0.999)).toBe('Lucky Vole');
  });
});

describe('a name to play with', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('is kept for the next visit, also where it was drawn', () => {
    const kept = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
    expect([settleName(' ', 'Bold Toad'), recallName()]).toEqual(['Bold Toad', 'Bold Toad']);
    expect([settleName(' Ada ', 'Swift Carp'), recallName()]).toEqual(['Ada', 'Ada']);
  });

  test('is there without any storage', () => {
    vi.stubGlobal('localStorage', undefined);
    expect([settleName('', 'Bold Toad'), recallName()]).toEqual(['Bold Toad', '']);
  });
});

describe('the page’s address', () => {
  test('names rung, name, room, autoplay and link', async () => {
    expect(await readParameters('?rung=webrtc&name=Ada&room=willow&autoplay=1&link=4g')).toEqual({
      rung: 'webrtc',
      name: 'Ada',
      room: 'willow',
      isAutoplay: true,
      emulate: '4g',
      complaint: undefined,
    });
  });

  test('with nonsense in it asks for nothing', async () => {
    expect(await readParameters('?rung=pigeon&name=%20&autoplay=yes')).toEqual({
      rung: undefined,
      name: undefined,
      room: undefined,
      isAutoplay: false,
      emulate: undefined,
      complaint: undefined,
    });
  });

  test('with an unknown link says which are known, and plays without', async () => {
    const { emulate, complaint } = await readParameters('?link=5g');
    expect(emulate).toBeUndefined();
    expect(complaint).toMatch(/^There is no network profile “5g”.* Known: .*4g-moving, .*wifi/);
    expect((await readParameters('?link=toString')).complaint).toBeDefined();
    expect((await readParameters('')).complaint).toBeUndefined();
  });

  test('becomes an invitation that carries the room only', () => {
    const page = 'https://pond.example/play/?name=Ada&autoplay=1#top';
    expect(inviteLink(page, 'a room')).toBe('https://pond.example/play/?room=a+room');
    expect(addressWithRoom('https://pond.example/?rung=webrtc', 'x')).toBe(
      'https://pond.example/?rung=webrtc&room=x',
    );
  });
});

describe('a join that fails', () => {
  test('is explained in one sentence that says what to do', () => {
    const full = joinErrorText(new ConnectError('refused', 'no seat', { status: 503 }));
    expect(full).toBe('All rooms are full right now. Try again in a moment.');
    const restarting = new ConnectError('refused', 'later', {
      status: 503,
      problem: 'shutting-down',
    });
    expect(joinErrorText(restarting)).toBe('The server is restarting. Try again in a moment.');
    const problems: [number, string, string][] = [
      [403, 'login-needed', 'log in first'],
      [403, 'login-expired', 'has expired'],
      [403, 'bad-login', 'does not accept your login'],
      [403, 'login-not-taken', 'takes no logins'],
      [403, 'not-for-you', 'gives you no seat'],
      [503, 'logins-unavailable', 'can’t check logins'],
    ];
    for (const [status, problem, words] of problems) {
      const refused = new ConnectError('refused', 'no', { status, problem });
      expect(joinErrorText(refused)).toContain(words);
    }
    expect(joinErrorText(new ConnectError('unreachable', 'no rung'))).toBe(
      closedText('unreachable'),
    );
    expect(joinErrorText(new NoGraphicsError('no WebGL'))).toContain('WebGL');
    expect(joinErrorText(new TypeError('oops'))).toContain('Reload');
  });
});

describe('the end', () => {
  const CAUSES = [
    'left',
    'unloaded',
    'refused',
    'protocol',
    'unreachable',
    'seat-gone',
    'superseded',
  ] as const;

  test('speaks of another tab only where one has taken the seat', () => {
    const speaking = CAUSES.filter((cause) => /tab|device/.test(JSON.stringify(endText(cause))));
    expect(speaking).toEqual(['superseded']);
  });

  test('never says that the game is over, which goes on without the player', () => {
    for (const cause of CAUSES) {
      expect(JSON.stringify(endText(cause))).not.toMatch(/game is over|game has ended/);
    }
  });
});

function room(): Room {
  const made = new Room();
  made.reset(2);
  const names = ['Ada', 'Bo', 'Mira', 'Otter', 'Teal', 'Newt'];
  made.apply(
    {
      kind: 'roster',
      entries: names.map((name, seat) => ({
        seat,
        name,
        isBot: seat === 4,
        isAlive: seat !== 5,
        isParked: seat === 1,
      })),
    },
    0,
  );
  const phase = {
    phase: 'playing',
    game: 0,
    started: 0,
    ends: 900,
    boundary: [],
    respawnsUntil: 0,
  } as const;
  made.apply({ kind: 'phase', ...phase }, 0);
  const masses = [300, 250, 100, 200, 150];
  made.apply({ kind: 'standings', standings: masses.map((mass, seat) => ({ seat, mass })) }, 0);
  return made;
}

describe('the standings', () => {
  test('list the living by mass, the own one as of now, then who is out', () => {
    const rows = standingsRows(room(), 270);
    const words = rows.map(({ name, rank, isBot, note }) =>
      [rank ?? '-', name, isBot ? 'bot' : '', note].filter((word) => word !== '').join(' '),
    );
    expect(words).toEqual(['1 Ada', '2 Mira', '3 Bo away', '4 Otter', '5 Teal bot', '- Newt out']);
    expect(rows[1]?.mass).toBe(270);
  });

  test('always show the own line on a small screen', () => {
    const names = (mass: number): string[] =>
      shortened(standingsRows(room(), mass), 3).map(({ name }) => name);
    expect(names(100)).toEqual(['Ada', 'Bo', 'Mira']);
    expect(names(280)).toEqual(['Ada', 'Mira', 'Bo']);
  });
});

describe('what happened', () => {
  test('is said to who can’t see it', () => {
    const now = room();
    expect(announcement(now)).toBe('The game runs.');
    now.apply({ kind: 'eaten', victim: 2, eater: 0 }, 0);
    expect(announcement(now)).toBe('Ada ate you. You came 5th.');
    expect(fateText(now)).toBe('Ada ate you. You came 5th.');
  });

  test('with the ring is told ahead', () => {
    const { phase } = room();
    const boundary = [{ start: 600, end: 900, from: 1_600, to: 800 }];
    expect(ringText({ ...phase, boundary }, 0, 60)).toBe('Ring closes in 10 s');
    expect(ringText({ ...phase, boundary }, 700, 60)).toBe('Ring is closing');
    expect(ringText({ ...phase, boundary }, 900, 60)).toBe('Last ring');
  });
});
