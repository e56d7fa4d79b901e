import { expect, test } from 'vitest';
import { watchJoinIntent } from '../src/app/join-intent.ts';

test('a hand on the page is noted at most so often, and not right after the load', () => {
  const root = new EventTarget();
  let now = 0;
  let noted = 0;
  const note = (): void => {
    noted += 1;
  };
  watchJoinIntent(root, { everyMs: 20_000, isFirst: false }, () => now, note);
  const touch = (at: number, sign: string): number => {
    now = at;
    root.dispatchEvent(new Event(sign));
    return noted;
  };
  expect(touch(5_000, 'pointermove')).toBe(0);
  expect(touch(20_000, 'keydown')).toBe(1);
  expect(touch(39_999, 'pointerdown')).toBe(1);
  expect(touch(60_000, 'focusin')).toBe(2);
});

test('on a page that was loaded unseen the first sign counts', () => {
  const root = new EventTarget();
  let noted = 0;
  const note = (): void => {
    noted += 1;
  };
  watchJoinIntent(root, { everyMs: 20_000, isFirst: true }, () => 5, note);
  root.dispatchEvent(new Event('pointermove'));
  root.dispatchEvent(new Event('pointermove'));
  expect(noted).toBe(1);
});
