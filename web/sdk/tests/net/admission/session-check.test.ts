import { expect, test, vi } from 'vitest';
import { browserHost, type Host } from '../../../src/host.ts';
import { SessionCheck } from '../../../src/net/admission/session-check.ts';
import type { SessionOver } from '../../../src/net/connection/session-end.ts';

async function endOf(kind: string): Promise<SessionOver | undefined> {
  const body = JSON.stringify({ type: `/problems/${kind}` });
  const host: Host = {
    ...browserHost(),
    now: () => 0,
    random: () => 0.5,
    fetch: async () => new Response(body, { status: 401 }),
  };
  let end: SessionOver | undefined;
  const check = new SessionCheck(host, 'http://localhost', (over) => {
    end = over;
  });
  check.poll(5_000, 'token');
  await vi.waitFor(() => expect(end).toBeDefined());
  return end;
}

test('a session that is over is lost', async () => {
  expect(await endOf('expired-session')).toEqual({ reason: 'expired' });
});

test('a session whose node is gone is soon asked for where it has moved', async () => {
  const slot = { afterMs: 150, everyMs: 1_000 };
  expect(await endOf('moved-session')).toEqual({ reason: 'shutting-down', returnSlot: slot });
});
