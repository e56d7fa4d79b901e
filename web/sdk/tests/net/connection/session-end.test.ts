/** Which closed links end a session, and which only a link. */

import { describe, expect, test } from 'vitest';
import { SessionEnd } from '../../../src/net/connection/session-end.ts';
import type { LinkEnd } from '../../../src/net/transport/link.ts';

function judge(end: SessionEnd, reason: LinkEnd['reason'], wasAttached = true) {
  return end.judge({ reason, detail: '' }, wasAttached)?.reason;
}

describe('a link that closes', () => {
  test('ends the session where its reason says so', () => {
    const reasons = [
      'left',
      'bad-token',
      'expired',
      'shutting-down',
      'room-failed',
      'refused',
      'action-refused',
      'kicked',
      'room-ended',
      'backlogged',
    ] as const;
    expect(reasons.map((reason) => judge(new SessionEnd(), reason))).toEqual(reasons);
  });

  test('tells the code that the game gave', () => {
    const over = new SessionEnd().judge({ reason: 'kicked', code: 7, detail: '' }, true);
    expect(over).toMatchObject({ reason: 'kicked', code: 7 });
  });

  test('ends only itself where it broke, was silent, slow, stale, or spoke nonsense', () => {
    const reasons = ['lost', 'silent', 'too-slow', 'stale-link', 'protocol-violation'] as const;
    expect(reasons.map((reason) => judge(new SessionEnd(), reason))).toEqual(
      Array(5).fill(undefined),
    );
  });

  test('that made room for a newer one leaves the session alone', () => {
    const end = new SessionEnd();
    expect(judge(end, 'superseded')).toBeUndefined();
    end.onSnapshot();
    expect(judge(end, 'expired')).toBe('expired');
  });

  test('and can’t be replaced shows that another page has the seat', () => {
    const end = new SessionEnd();
    expect(judge(end, 'superseded')).toBeUndefined();
    expect(judge(end, 'expired', false)).toBe('superseded');
  });

  test('on its first word, as superseded, shows the same', () => {
    expect(judge(new SessionEnd(), 'superseded', false)).toBe('superseded');
  });

  test('after a crash is no other page’s doing', () => {
    const end = new SessionEnd();
    expect(judge(end, 'superseded')).toBeUndefined();
    expect(judge(end, 'bad-token', false)).toBe('bad-token');
  });
});
