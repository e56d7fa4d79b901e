import { describe, expect, test } from 'vitest';
import { danger } from '../src/model/danger.ts';
import type { GameEvent, ResultRow } from '../src/model/events.ts';
import { Frame } from '../src/model/frame.ts';
import { Hearing, type Moment } from '../src/sound/hearing.ts';
import { SOUNDS, type SoundName } from '../src/sound/sounds.ts';
import { vibrationFor } from '../src/sound/vibration.ts';

interface Heard {
  readonly sound: SoundName;
  readonly pitch: number;
  readonly gain: number;
}

const PLAYING: Moment = {
  phase: 'playing',
  hasOwn: true,
  mood: 'still',
  secondsLeft: 100,
  danger: 0,
};

function ear(): { hearing: Hearing; heard: Heard[]; names: () => SoundName[] } {
  const heard: Heard[] = [];
  const hearing = new Hearing((sound, pitch, gain) => heard.push({ sound, pitch, gain }));
  return { hearing, heard, names: () => heard.map(({ sound }) => sound) };
}

function row(seat: number, place: number): ResultRow {
  return { seat, place, score: 0, peakMass: 0, circles: 0, knibbles: 0, survived: 0 };
}

describe('knibbles', () => {
  test('rise in pitch in a run, and begin again after it', () => {
    const { hearing, heard } = ear();
    for (const now of [0, 200, 400, 5_000]) {
      hearing.knibble(now);
    }
    const pitches = heard.map(({ pitch }) => pitch);
    expect(pitches[1]).toBeGreaterThan(pitches[0] as number);
    expect(pitches[2]).toBeGreaterThan(pitches[1] as number);
    expect(pitches[3]).toBe(1);
  });

  test('at forty a second are heard less often, softer, and never higher than two octaves', () => {
    const { hearing, heard } = ear();
    for (let now = 0; now < 2_000; now += 25) {
      hearing.knibble(now);
    }
    expect(heard.length).toBeLessThanOrEqual(34);
    expect(Math.max(...heard.map(({ pitch }) => pitch))).toBe(4);
    expect(heard.slice(1).every(({ gain }) => gain < 0.5)).toBe(true);
  });
});

describe('the room', () => {
  test('is heard where the player eats, wins or loses, and not for others', () => {
    const { hearing, names } = ear();
    const events: GameEvent[] = [
      { kind: 'eaten', victim: 4, eater: 3 },
      { kind: 'eaten', victim: 5, eater: 1 },
      { kind: 'eaten', victim: 6, eater: undefined },
      { kind: 'results', rows: [row(3, 1), row(1, 2)] },
      { kind: 'results', rows: [row(1, 1), row(3, 2)] },
      { kind: 'results', rows: [row(1, 1)] },
    ];
    for (const event of events) {
      hearing.event(event, 3);
    }
    expect(names()).toEqual(['circle', 'win', 'lose']);
  });

  test('counts the last three seconds down, then goes', () => {
    const { hearing, names } = ear();
    const countdown = { ...PLAYING, phase: 'countdown' } as const;
    for (const secondsLeft of [5, 4, 4, 3, 3, 2, 1, 0]) {
      hearing.moment({ ...countdown, secondsLeft }, 0);
    }
    hearing.moment(PLAYING, 0);
    hearing.moment(PLAYING, 0);
    expect(names()).toEqual(['tick', 'tick', 'tick', 'go']);
  });

  test('says nothing of what was so already when one comes in', () => {
    const { hearing, names } = ear();
    hearing.moment({ ...PLAYING, mood: 'closing', hasOwn: false }, 0);
    hearing.reset();
    hearing.moment({ ...PLAYING, mood: 'closing' }, 0);
    expect(names()).toEqual([]);
  });

  test('tells once that the ring closes, and once that the own circle is gone', () => {
    const { hearing, names } = ear();
    hearing.moment(PLAYING, 0);
    hearing.moment({ ...PLAYING, mood: 'closing' }, 0);
    hearing.moment({ ...PLAYING, mood: 'closing', hasOwn: false }, 0);
    hearing.moment({ ...PLAYING, mood: 'closing', hasOwn: false }, 0);
    expect(names()).toEqual(['ring', 'eaten']);
  });

  test('doesn’t take a game’s end for a death', () => {
    const { hearing, names } = ear();
    hearing.moment(PLAYING, 0);
    hearing.moment({ ...PLAYING, phase: 'results', hasOwn: false }, 0);
    expect(names()).toEqual([]);
  });
});

describe('the heart', () => {
  function beats(level: number, moment = PLAYING): Heard[] {
    const { hearing, heard } = ear();
    for (let now = 0; now < 10_000; now += 16) {
      hearing.moment({ ...moment, danger: level }, now);
    }
    return heard;
  }

  test('beats faster and louder the nearer the danger is, and not without any', () => {
    const [far, near] = [beats(0.2), beats(1)];
    expect(beats(0.05)).toEqual([]);
    expect(near.length).toBeGreaterThan(far.length * 1.5);
    expect(near.length).toBeLessThan(25);
    expect((near[0] as Heard).gain).toBeGreaterThan((far[0] as Heard).gain);
  });

  test('is still without a circle and outside of play', () => {
    expect(beats(1, { ...PLAYING, hasOwn: false })).toEqual([]);
    expect(beats(1, { ...PLAYING, phase: 'results' })).toEqual([]);
  });
});

describe('danger', () => {
  function meet(own: number, other: number, distance: number): number {
    const frame = new Frame();
    frame.hasOwn = true;
    frame.circles = 0b11;
    frame.radius[0] = own;
    frame.radius[1] = other;
    frame.x[1] = distance;
    return danger(frame, 0);
  }

  test('comes from larger circles only, and grows as they come', () => {
    expect(meet(20, 40, 1_000)).toBe(0);
    expect(meet(20, 40, 200)).toBeGreaterThan(meet(20, 40, 300));
    expect(meet(20, 40, 30)).toBe(1);
    expect(meet(20, 21, 30)).toBe(0);
    expect(meet(40, 20, 30)).toBe(0);
  });
});

describe('sounds', () => {
  test('are short, audible on a phone and never zero where a fade must not be', () => {
    for (const tone of Object.values(SOUNDS).flat()) {
      expect(Math.min(tone.from, tone.to)).toBeGreaterThanOrEqual(60);
      expect(tone.at + tone.length).toBeLessThanOrEqual(1.6);
      expect(tone.gain).toBeGreaterThan(0);
      expect(tone.gain).toBeLessThanOrEqual(0.5);
    }
  });

  test('are felt where the player eats a circle, dies or wins', () => {
    const felt = (Object.keys(SOUNDS) as SoundName[]).filter((name) => vibrationFor(name));
    expect(felt).toEqual(['circle', 'eaten', 'win']);
  });
});
