import { describe, expect, test } from 'vitest';
import type { GameEvent } from '../../src/model/events.ts';
import { View } from '../../src/model/view.ts';
import { NOBODY, Story } from '../../src/replay/story.ts';
import { goldenFile } from '../support/golden-view.ts';

const nothing = (): void => undefined;

describe('a match’s story', () => {
  test('is the same at a tick from wherever one comes', () => {
    const straight = new Story(goldenFile);
    straight.go(goldenFile.start, nothing);
    straight.go(1_990, nothing);
    const back = new Story(goldenFile);
    back.go(9_000, nothing);
    back.go(1_990, nothing);
    expect(back.room.roster).toEqual(straight.room.roster);
    expect(back.room.standings).toEqual(straight.room.standings);
    expect(back.room.phase).toEqual(straight.room.phase);
    expect(back.room.kills.lines.map(({ victim }) => victim)).toEqual([1, 5, 3]);
  });

  test('tells of what happens on the way, but not of what lies before the first tick', () => {
    const story = new Story(goldenFile);
    const seen: GameEvent[] = [];
    const note = (event: GameEvent): void => {
      seen.push(event);
    };
    story.go(704, note);
    expect(seen).toEqual([]);
    story.go(705, note);
    expect(seen).toContainEqual({ kind: 'eaten', victim: 1, eater: 10 });
  });

  test('keeps the eyes through which one looks when it goes back', () => {
    const story = new Story(goldenFile);
    story.lookAs(5);
    story.go(5_000, nothing);
    story.go(1_000, nothing);
    expect(story.room.ownSeat).toBe(5);
    story.lookAs(NOBODY);
    expect(story.room.ownSeat).toBe(NOBODY);
  });

  test('has the camera on who ate the player, then on who ate that one, then on the largest', () => {
    const story = new Story({
      ...goldenFile,
      events: [
        { tick: 2, event: { kind: 'eaten', victim: 0, eater: 1 } },
        { tick: 3, event: { kind: 'eaten', victim: 1, eater: 2 } },
        { tick: 4, event: { kind: 'eaten', victim: 2, eater: undefined } },
      ],
    });
    const living = (...seats: number[]): View => {
      const view = new View();
      for (const seat of seats) {
        view.circles |= 1 << seat;
        view.circleRadius[seat] = 100 + seat;
      }
      return view;
    };
    story.go(1, nothing);
    expect(story.focusOf(0, living(0, 1, 2, 3))).toBe(0);
    story.go(2, nothing);
    expect(story.focusOf(0, living(1, 2, 3))).toBe(1);
    story.go(3, nothing);
    expect(story.focusOf(0, living(2, 3))).toBe(2);
    story.go(4, nothing);
    expect(story.focusOf(0, living(3, 4))).toBe(4);
    expect(story.focusOf(0, living())).toBe(0);
  });
});
