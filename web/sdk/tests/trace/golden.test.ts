import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/random.ts';
import { TwoEnds, type Way } from '../support/two-ends.ts';

/** Jitter, loss, and two seconds without anything. */
function badEvening(random: () => number): Way {
  return (at) => {
    const isLost = random() < 0.08 || (at >= 3_000 && at < 5_000);
    return isLost ? undefined : Math.round(40 + 30 * random());
  };
}

test('a recording is the sample that the lab reads', () => {
  const random = seededRandom(11);
  const ends = new TwoEnds();
  [ends.down, ends.up] = [badEvening(random), badEvening(random)];
  const sample = new URL('../../../../tests/golden/trace.csv', import.meta.url);
  expect(ends.run(15).recorder.csv(ends.now)).toBe(readFileSync(sample, 'utf8'));
});
