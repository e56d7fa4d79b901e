import { expect, test } from 'vitest';
import { browserHost, type Host } from '../../../src/host.ts';
import { join } from '../../../src/net/admission/join.ts';

/** A server that takes requests and never answers. */
function hanging(): { readonly host: Host; readonly signals: AbortSignal[] } {
  const signals: AbortSignal[] = [];
  const fetch: Host['fetch'] = (_, init) =>
    new Promise((_resolve, reject) => {
      const { signal } = init;
      if (signal) {
        signals.push(signal);
        signal.addEventListener('abort', () => reject(signal.reason));
      }
    });
  return { host: { ...browserHost(), fetch }, signals };
}

test('a join that is given up ends its request, and is not tried again', async () => {
  const { host, signals } = hanging();
  const giveUp = new AbortController();
  const joining = join(host, 'https://play.example', { name: 'Ada' }, giveUp.signal);
  await expect.poll(() => signals.length).toBe(1);
  giveUp.abort();
  await expect(joining).rejects.toThrow();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});
