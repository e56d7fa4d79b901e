import { describe, expect, test } from 'vitest';
import { isGrasped, likelyEater } from '../src/model/eating.ts';
import { Frame } from '../src/model/frame.ts';
import { KnibbleIntent } from '../src/model/intent.ts';
import { View } from '../src/model/view.ts';

const OWN = 3;
const SLOT = 7;

function place(frame: Frame, seat: number, x: number, radius: number): void {
  frame.circles |= 1 << seat;
  frame.x[seat] = x;
  frame.radius[seat] = radius;
}

/** The own circle at 0 with radius 20, ten ticks ahead of the server, and a knibble at `x`. */
class Pond {
  readonly frame = new Frame();
  private readonly view = new View();
  private readonly intent = new KnibbleIntent();

  constructor(public knibble: number) {
    this.frame.hasOwn = true;
    this.frame.newest = this.view;
    place(this.frame, OWN, 0, 20);
    this.view.knibbles[SLOT] = 1;
    this.view.knibbleX[SLOT] = knibble;
    this.at(100);
  }

  at(newestTick: number): this {
    this.frame.newestTick = newestTick;
    this.frame.ownTick = newestTick + 10;
    return this;
  }

  swimTo(x: number): this {
    this.frame.x[OWN] = x;
    return this;
  }

  serverEats(): this {
    this.view.knibbles[SLOT] = 0;
    return this;
  }

  look(x = this.knibble): string {
    return this.intent.look(SLOT, x, 0, this.frame, OWN);
  }
}

describe('a knibble that the own circle covers', () => {
  test('is swallowed at once and only once', () => {
    const pond = new Pond(5);
    expect([pond.look(), pond.look(), pond.look()]).toEqual(['swallowed', 'hidden', 'hidden']);
  });

  test('stays away while nothing is heard of the server, however long', () => {
    const pond = new Pond(5);
    pond.look();
    pond.swimTo(300);
    for (let frame = 0; frame < 600; frame += 1) {
      expect(pond.look()).toBe('hidden');
    }
  });

  test('stays away when the server has eaten it and the picture still has it', () => {
    const pond = new Pond(5);
    pond.look();
    pond.swimTo(300).serverEats().at(400);
    expect(pond.look()).toBe('hidden');
  });

  test('comes back when the server has spoken of that moment and still has it', () => {
    const pond = new Pond(5);
    pond.look();
    pond.swimTo(300);
    expect(pond.at(110).look()).toBe('hidden');
    expect(pond.at(122).look()).toBe('seen');
    expect(pond.look()).toBe('seen');
  });

  test('doesn’t blink while it is covered for long', () => {
    const pond = new Pond(5);
    pond.look();
    const seen = Array.from({ length: 200 }, (_, tick) => pond.at(100 + tick).look());
    expect(new Set(seen)).toEqual(new Set(['hidden']));
  });

  test('is seen at once where another grows in its place', () => {
    const pond = new Pond(5);
    pond.look();
    expect(pond.look(400)).toBe('seen');
  });

  test('is left alone by who has no circle', () => {
    const pond = new Pond(5);
    pond.frame.hasOwn = false;
    expect(pond.look()).toBe('seen');
  });
});

describe('a circle that the own one covers', () => {
  test('is grasped only where it may be eaten', () => {
    const frame = new Frame();
    frame.hasOwn = true;
    place(frame, OWN, 0, 40);
    place(frame, 1, 35, 20);
    place(frame, 2, 35, 39);
    place(frame, 4, 45, 20);
    const grasped = [1, 2, 4, OWN].map((seat) => isGrasped(frame, OWN, seat));
    expect(grasped).toEqual([true, false, false, false]);
    frame.hasOwn = false;
    expect(isGrasped(frame, OWN, 1)).toBe(false);
  });
});

describe('who ate a circle that is gone', () => {
  test('is the nearest larger one', () => {
    const frame = new Frame();
    frame.radius[OWN] = 20;
    place(frame, 1, 70, 60);
    place(frame, 2, -50, 40);
    place(frame, 4, 5, 18);
    expect(likelyEater(frame, OWN)).toBe(1);
  });

  test('is nobody where none is near', () => {
    const frame = new Frame();
    frame.radius[OWN] = 20;
    place(frame, 1, 300, 60);
    expect(likelyEater(frame, OWN)).toBeUndefined();
  });
});
