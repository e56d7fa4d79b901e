/** Deltas that were tampered with come to the same ends as on the server: refused, or this view. */

import { DecodeError, Reader } from '@battle-circles/sdk';
import { expect, test } from 'vitest';
import { applyDelta } from '../src/model/delta.ts';
import { View } from '../src/model/view.ts';
import { fromHex, golden, goldenDeltas, toJson, toView } from './support/golden-deltas.ts';

const DELTAS_PER_SEED = 200;

const outcomes = (
  golden('mangled.json') as {
    readonly ViewDelta: readonly { seed: number; taken: number; digest: number }[];
  }
).ViewDelta;

const deltas = goldenDeltas.map(({ age, baseline, hex }) => ({
  age,
  baseline: toView(baseline),
  bytes: fromHex(hex),
}));

/** Marsaglia's xorshift32. */
class Draws {
  constructor(private state: number) {}

  draw(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state >>> 0;
  }

  /** 0 to `bound` − 1; 0 when the bound is 0. */
  below(bound: number): number {
    const drawn = this.draw();
    return bound === 0 ? 0 : drawn % bound;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** FNV-1a in 32 bits over numbers instead of bytes. */
class Digest {
  value = 0x811c_9dc5;

  add(...numbers: number[]): void {
    for (const number of numbers) {
      this.value = Math.imul(this.value ^ (number | 0), 0x0100_0193) >>> 0;
    }
  }

  addView(view: View): void {
    const { view: json, steps } = toJson(view);
    this.add(json.focus);
    if (json.own !== null) {
      this.add(json.own.x, json.own.y, json.own.vx, json.own.vy, json.own.mass, json.own.cooldown);
    }
    json.circles.forEach(({ seat, radius, x, y }, index) => {
      this.add(seat, radius, x, y, steps[index]?.x ?? 0, steps[index]?.y ?? 0);
    });
    for (const { slot, x, y } of json.knibbles) {
      this.add(slot, x, y);
    }
  }
}

function tamper(bytes: number[], draws: Draws): void {
  const how = draws.below(8);
  const value = draws.below(256);
  const place = draws.below(bytes.length);
  if (how === 0) {
    bytes.length = place;
  } else if (how === 1) {
    bytes.push(value);
  } else if (how === 2) {
    bytes.fill(0, place);
  } else if (place < bytes.length) {
    bytes[place] = (bytes[place] as number) ^ value;
  }
}

test.each(outcomes)('deltas mangled with seed $seed', ({ seed, taken, digest }) => {
  const draws = new Draws(seed);
  const seen = new Digest();
  const view = new View();
  let count = 0;
  for (let left = DELTAS_PER_SEED; left > 0; left -= 1) {
    const delta = draws.pick(deltas);
    const other = draws.pick(deltas);
    const { baseline } = draws.below(4) === 0 ? other : delta;
    const age = draws.below(200);
    const bytes = [...delta.bytes];
    for (let times = draws.below(5); times > 0; times -= 1) {
      tamper(bytes, draws);
    }
    try {
      applyDelta(baseline, age, new Reader(Uint8Array.from(bytes)), view);
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
      continue;
    }
    count += 1;
    seen.addView(view);
  }
  expect([count, seen.value]).toEqual([taken, digest]);
});
