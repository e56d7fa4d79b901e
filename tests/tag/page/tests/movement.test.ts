import { readFileSync } from 'node:fs';
import { type Body, step } from '../src/movement.ts';
import type { Tuning } from '../src/wire.ts';

interface Golden {
  readonly tuning: Record<string, number>;
  readonly start: Body;
  readonly steps: readonly (readonly [number, number, number, number, number, number])[];
}

test('a figure moves as on the server, bit for bit', () => {
  const file = new URL('../../golden/movement.json', import.meta.url);
  const { tuning, start, steps } = JSON.parse(readFileSync(file, 'utf8')) as Golden;
  const { dash_ticks: dashTicks, rest_ticks: restTicks, ...rest } = tuning;
  const rules = { ...rest, dashTicks, restTicks } as unknown as Tuning;
  expect(steps.length).toBeGreaterThan(1_000);
  let body = start;
  for (const [index, [input, ...after]] of steps.entries()) {
    body = step(body, input, rules);
    expect([body.x, body.y, body.facing, body.dash, body.rest], `step ${index}`).toEqual(after);
  }
});
