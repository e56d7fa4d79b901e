import { describe, expect, test } from 'vitest';
import { Roster } from '../../src/net/roster.ts';

/** A roster whose one link has just brought a snapshot. */
function playing(now: number) {
  const roster = new Roster();
  const attempt = roster.open(0, 'webrtc', 1_000);
  roster.snapshot(now, attempt, true, true);
  return { roster, attempt };
}

describe('the silence of a page that stands still', () => {
  test('is its own while snapshots lie between', () => {
    const { roster, attempt } = playing(0);
    let now = 0;
    for (let step = 0; step < 100; step += 1) {
      now += 300;
      roster.excuse(300);
      expect(roster.silence(now, attempt)).toBeLessThan(10);
      roster.snapshot(now, attempt, true, true);
    }
  });

  test('is the path’s when nothing comes, however often it stands still', () => {
    const { roster, attempt } = playing(0);
    let now = 0;
    for (let step = 0; step < 10; step += 1) {
      now += 100;
      roster.excuse(100);
    }
    expect(roster.silence(now, attempt)).toBe(700);
    expect(roster.pathSilence(now)).toBe(700);
  });
});
