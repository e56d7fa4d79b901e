/** What the screen shows is recorded, written and read again as it was, to quarter pixels. */

import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/model/frame.ts';
import { ReplayFileError } from '../../src/replay/replay-file-error.ts';
import { seal, unseal } from '../../src/replay/sealed.ts';
import { readSight, SIGHT_MAGIC, writeSight } from '../../src/sight/sight-file.ts';
import { SightRecorder } from '../../src/sight/sight-recorder.ts';
import { sightOf } from '../support/golden-view.ts';

const facts = {
  room: 'pond',
  tickRate: 60,
  ownSeat: 3,
  isExtrapolated: false,
  isFrozen: false,
};

function frameAt(tick: number): Frame {
  const frame = new Frame();
  frame.serverTick = tick;
  frame.tick = tick - 6.5;
  frame.ownTick = tick + 3.25;
  frame.circles = (1 << 3) | (1 << 15);
  frame.x[3] = -1_799.9;
  frame.y[3] = tick / 4;
  frame.radius[3] = 20;
  frame.x[15] = 12;
  frame.radius[15] = 900;
  return frame;
}

describe('a sight', () => {
  test('has a row each twentieth of a second, as it was drawn', () => {
    const recorder = new SightRecorder();
    for (let at = 0; at <= 100; at += 10) {
      recorder.note(frameAt(600 + at), { ...facts, isFrozen: at === 50 }, at);
    }
    const sight = recorder.read('Ada');
    expect(sight).toMatchObject({ room: 'pond', name: 'Ada', tickRate: 60 });
    expect(sight?.rows.map(({ serverTick }) => serverTick)).toEqual([600, 650, 700]);
    expect(sight?.rows[1]).toEqual({
      serverTick: 650,
      shownTick: 643.5,
      ownTick: 653.25,
      ownSeat: 3,
      isExtrapolated: false,
      isFrozen: true,
      circles: [
        { seat: 3, x: -7_200, y: 650, radius: 80 },
        { seat: 15, x: 48, y: 0, radius: 3_600 },
      ],
    });
  });

  test('is nothing before there is any, and forgets another room', () => {
    const recorder = new SightRecorder();
    expect(recorder.read('Ada')).toBeUndefined();
    recorder.note(frameAt(10), facts, 0);
    recorder.note(frameAt(20), { ...facts, room: 'lake' }, 100);
    expect(recorder.read('Ada')).toMatchObject({ room: 'lake', rows: { length: 1 } });
  });

  test('keeps the newest five minutes', () => {
    const recorder = new SightRecorder();
    for (let row = 0; row < 6_010; row += 1) {
      recorder.note(frameAt(row), facts, row * 50);
    }
    const rows = recorder.read('Ada')?.rows ?? [];
    expect(rows.length).toBe(6_000);
    expect(rows[0]?.serverTick).toBe(10);
    expect(rows.at(-1)?.serverTick).toBe(6_009);
  });
});

describe('a sight file', () => {
  test('is read as it was written', () => {
    const sight = sightOf(5, 7, 1_000, 1_300);
    expect(readSight(writeSight(sight))).toEqual(sight);
  });

  test('takes under half a megabyte for five minutes with twelve circles', () => {
    const circles = Array.from({ length: 12 }, (_, seat) => ({
      seat,
      x: 4_000,
      y: -4_000,
      radius: 300,
    }));
    const row = { ...(sightOf(5, 7, 1_000, 1_003).rows[0] as object), circles } as never;
    const sight = { room: 'pond', name: 'Ada', tickRate: 60, rows: new Array(6_000).fill(row) };
    const { length } = writeSight(sight);
    expect(length).toBeLessThan(600 * 1_024);
  });

  test('that is none, or was tampered with, is refused in a sentence or read', () => {
    expect(() => readSight(new Uint8Array(40))).toThrow(ReplayFileError);
    const body = unseal(writeSight(sightOf(5, 7, 1_000, 1_100)), 1);
    for (let at = 0; at < body.length; at += 1) {
      const tampered = body.slice();
      tampered[at] = (tampered[at] ?? 0) ^ (1 << (at % 8));
      try {
        readSight(seal(SIGHT_MAGIC, 1, tampered));
      } catch (error) {
        expect(error).toBeInstanceOf(ReplayFileError);
      }
    }
  });
});
