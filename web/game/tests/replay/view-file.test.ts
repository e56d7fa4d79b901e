/** View files are read as the server writes them, and bytes that are none do no harm. */

import { expect, test } from 'vitest';
import { KNIBBLE_SLOTS, MAX_SEATS, type View } from '../../src/model/view.ts';
import { Film } from '../../src/replay/film.ts';
import { ReplayFileError } from '../../src/replay/replay-file-error.ts';
import { seal, unseal } from '../../src/replay/sealed.ts';
import { readViewFile, VIEW_MAGIC } from '../../src/replay/view-file.ts';
import { golden } from '../support/golden-deltas.ts';
import { goldenBytes, goldenFile } from '../support/golden-view.ts';

const summary = golden('match-view.json') as {
  readonly room: string;
  readonly start: number;
  readonly ticks: number;
  readonly frames: number;
  readonly keys: number;
  readonly events: number;
  readonly eaten: readonly (readonly [number, number, number | null])[];
  readonly digest: number;
};

test('the golden match is read as the server reads it', () => {
  const { frames, events } = goldenFile;
  expect({
    room: goldenFile.room,
    start: goldenFile.start,
    ticks: goldenFile.end - goldenFile.start,
    frames: frames.length,
    keys: frames.filter(({ isKey }) => isKey).length,
    events: events.length,
    eaten: events.flatMap(({ tick, event }) =>
      event.kind === 'eaten' ? [[tick, event.victim, event.eater ?? null]] : [],
    ),
    digest: digestOfFrames(),
  }).toEqual(summary);
});

test('who ate whom comes in the order of time', () => {
  const ticks = goldenFile.events.map(({ tick }) => tick);
  expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
});

test('a file that is none is refused for what it is', () => {
  const whole = goldenBytes();
  const refusal = (bytes: Uint8Array): string => {
    try {
      readViewFile(bytes);
    } catch (error) {
      return error instanceof ReplayFileError ? error.message : `not a sentence: ${error}`;
    }
    return 'read';
  };
  expect(refusal(new Uint8Array())).toBe('This is no file of a match.');
  expect(refusal(new TextEncoder().encode('at_ms,direction,delay_ms'))).toBe(
    'This is no file of a match.',
  );
  const newer = whole.slice();
  newer[8] = 2;
  expect(refusal(newer)).toContain('a newer version');
  newer[8] = 0;
  expect(refusal(newer)).toContain('an older version');
  for (const length of [8, 12, 40, whole.length - 1]) {
    expect(refusal(whole.subarray(0, length))).toContain('damaged');
  }
  const damaged = whole.slice();
  damaged[5_000] = (damaged[5_000] ?? 0) ^ 4;
  expect(refusal(damaged)).toContain('damaged');
  const large = new Uint8Array((16 << 20) + 1);
  large.set(whole);
  expect(refusal(large)).toContain('too large');
});

test('bytes that were tampered with are refused in a sentence, or read', () => {
  const body = unseal(goldenBytes(), 1);
  let state = 7;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % bound;
  };
  let refused = 0;
  for (let round = 0; round < 60; round += 1) {
    // The first kilobytes, so that most rounds don't read the whole match before the fault.
    const tampered = body.slice(0, round % 2 === 0 ? undefined : 2_000 + below(8_000));
    for (let edit = 0; edit < 1 + below(3); edit += 1) {
      tampered[below(4_000)] = below(256);
    }
    try {
      readViewFile(seal(VIEW_MAGIC, 1, tampered));
    } catch (error) {
      expect(error).toBeInstanceOf(ReplayFileError);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(30);
});

test('a frame is the same from wherever one goes to it', () => {
  const inOrder = new Film(goldenFile);
  const pictures = goldenFile.frames.map(({ tick }) => numbersOf(inOrder.at(tick).from).join());
  const film = new Film(goldenFile);
  for (const index of [3_302, 0, 1_700, 1_699, 99, 100, 101, 250, 249, 3_300, 3_301]) {
    const shot = film.at(goldenFile.frames[index]?.tick ?? 0);
    expect(numbersOf(shot.from).join(), `frame ${index}`).toBe(pictures[index]);
    expect(numbersOf(shot.to).join()).toBe(pictures[Math.min(index + 1, pictures.length - 1)]);
  }
});

test('between two frames a film tells how far it is to the next', () => {
  const film = new Film(goldenFile);
  const { start, end } = goldenFile;
  expect(film.at(start + 1)).toMatchObject({ fromTick: start, toTick: start + 3, alpha: 1 / 3 });
  expect(film.at(start - 50)).toMatchObject({ fromTick: start, alpha: 0 });
  expect(film.at(end + 50)).toMatchObject({ fromTick: end, toTick: end, alpha: 0 });
});

function numbersOf(view: View): number[] {
  const numbers: number[] = [];
  for (let seat = 0; seat < MAX_SEATS; seat += 1) {
    if (view.hasCircle(seat)) {
      numbers.push(seat, view.circleX[seat] ?? 0, view.circleY[seat] ?? 0);
      numbers.push(view.circleRadius[seat] ?? 0);
    }
  }
  for (let slot = 0; slot < KNIBBLE_SLOTS; slot += 1) {
    if (view.knibbles[slot] === 1) {
      numbers.push(slot, view.knibbleX[slot] ?? 0, view.knibbleY[slot] ?? 0);
    }
  }
  return numbers;
}

/** FNV-1a in 32 bits over numbers, as the server's test has it. */
function digestOfFrames(): number {
  const film = new Film(goldenFile);
  let sum = 0x811c_9dc5;
  for (const { tick } of goldenFile.frames) {
    for (const number of [tick, ...numbersOf(film.at(tick).from)]) {
      sum = Math.imul(sum ^ (number | 0), 0x0100_0193) >>> 0;
    }
  }
  return sum;
}
