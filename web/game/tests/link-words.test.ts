import type { Stats, Status } from '@battle-circles/sdk';
import { describe, expect, test } from 'vitest';
import { pretendStats, scenario } from '../src/gallery/scenarios.ts';
import { figures } from '../src/hud/figures.ts';
import { linkTrouble } from '../src/hud/notices.ts';
import { judge } from '../src/hud/verdict.ts';

const GOOD: Stats = pretendStats(scenario('playing'), () => 0.5, 1_200);
const PLAYING: Status = { state: 'playing', rung: 'webtransport', quality: 'good' };
const BAD: Status = { ...PLAYING, quality: 'bad' };
const GONE: Status = { ...PLAYING, state: 'reconnecting', quality: 'gone' };

function said(status: Status, change: Partial<Stats> = {}, silence = 0): string {
  const { word, text } = judge(status, { ...GOOD, ...change }, silence, GOOD.snapshotRate);
  return `${word}. ${text}`;
}

describe('the verdict on the link', () => {
  test('is good where nothing is amiss', () => {
    expect(said(PLAYING)).toBe('Good. Updates come on time.');
    expect(judge(PLAYING, GOOD, 0, GOOD.snapshotRate).level).toBe('good');
  });

  test('is fair where the game holds on a lossy or long link, and says by what', () => {
    expect(said(PLAYING, { loss: 0.05, inputCopies: 3 })).toBe(
      'Fair. Your link loses 5.0 % of the updates. We send more often.',
    );
    expect(said(PLAYING, { lossUp: 0.12, snapshotRate: 60 })).toBe(
      'Fair. Your link loses 12 % of what you send. We send more often.',
    );
    expect(said(PLAYING, { loss: 0.05, lossUp: 0.12, inputCopies: 3 })).toContain('the updates');
    expect(said(PLAYING, { rtt: 240 })).toBe('Fair. It is 240 ms to the server and back.');
  });

  test('is bad where the game suffers, and says why and what is done', () => {
    expect(said(BAD, { loss: 0.12, linksInUse: 2 })).toBe(
      'Bad. Your link loses 12 % of the updates. A second link helps out.',
    );
    expect(said(BAD)).toBe('Bad. Updates come late or with gaps.');
    expect(said(PLAYING, { rtt: 1_200, loss: 0.3 })).toBe(
      'Bad. It is 1200 ms to the server and back.',
    );
  });

  test('tells a silence before the game is given up for it', () => {
    expect(said(PLAYING, {}, 300)).toBe('Good. Updates come on time.');
    expect(said(PLAYING, {}, 840)).toBe('Bad. Nothing came for 0.8 s.');
    expect(said(GONE, {}, 2_340)).toBe(
      'Connection lost. Nothing came for 2.3 s. Reconnecting, you need not do anything.',
    );
  });

  test('says why the player waits while another session is fetched', () => {
    expect(said({ ...GONE, returning: 'restart' }, {}, 2_340)).toBe(
      'Restarting. The server is restarting. You will be back in this room in a moment.',
    );
    expect(said({ ...GONE, returning: 'lost' })).toBe(
      'Connection lost. The connection to the server was lost. Taking you back to your seat…',
    );
  });

  test('blames a busy device for what it does, and the link only for its part', () => {
    const busy: Status = { ...PLAYING, quality: 'busy' };
    expect(said(busy, { rtt: 1_370 })).toBe(
      'Busy. This device is busy: the picture may stutter. The connection is fine.',
    );
    expect(judge(busy, GOOD, 0, GOOD.snapshotRate).level).toBe('good');
    expect(said(busy, { loss: 0.18, snapshotRate: 60 })).toBe(
      'Busy. This device is busy: the picture may stutter. Your link loses 18 % of the updates. We send more often.',
    );
  });

  test('is of no link where there is no game', () => {
    expect(said({ ...PLAYING, state: 'connecting' })).toBe('Connecting. ');
    const closed = 'Not connected. This page is not in the game any more.';
    expect(said({ ...PLAYING, state: 'closed' })).toBe(closed);
    expect(said({ ...GONE, state: 'closed' }, {}, 5_000)).toBe(closed);
  });
});

describe('the banner', () => {
  const banner = (status: Status, change: Partial<Stats> = {}): string | undefined =>
    linkTrouble(status, judge(status, { ...GOOD, ...change }, 0, GOOD.snapshotRate));

  test('says what the verdict says where the game suffers, and nothing else', () => {
    expect(banner(PLAYING, { loss: 0.05 })).toBeUndefined();
    expect(banner(BAD, { loss: 0.12, linksInUse: 2 })).toBe(
      'Bad connection. Your link loses 12 % of the updates. A second link helps out.',
    );
    expect(banner({ ...PLAYING, quality: 'busy' })).toContain('This device is busy');
    expect(banner(GONE)).toBe('Connection lost. Reconnecting, you need not do anything.');
    expect(banner({ ...GONE, returning: 'restart' })).toBe(
      'The server is restarting. You will be back in this room in a moment.',
    );
    expect(banner({ ...GONE, state: 'closed' })).toBeUndefined();
  });
});

describe('the net graph’s figures', () => {
  const value = (name: string, change: Partial<Stats> = {}): string | undefined =>
    figures({ ...GOOD, ...change }).find((figure) => figure.name === name)?.value;
  const meaning = (name: string, change: Partial<Stats> = {}): string | undefined =>
    figures({ ...GOOD, ...change }).find((figure) => figure.name === name)?.meaning;

  test('have units and a meaning that fits on a line', () => {
    expect(value('Update age')).toBe('61–78 ms');
    expect(value('Picture delay')).toBe('72 ms');
    expect(value('Jitter')).toBe('3.4 ms');
    expect(value('Lost', { loss: 0.04, lossUp: 0.002 })).toBe('4.0 % ↓  0.2 % ↑');
    expect(value('Corrections', { corrections: { p50: 0, p95: 0.84 } })).toBe('0.8 px');
    expect(value('Inputs', { inputCopies: 4 })).toBe('each sent 4 times');
    expect(value('Data down', { bytesInPerSecond: 1_550 })).toBe('12.4 kbit/s');
    for (const { meaning: line } of figures(GOOD)) {
      expect(line.length).toBeLessThan(38);
    }
  });

  test('leave out what is not known yet', () => {
    const unknown = { rtt: 0, inputCopies: 0, snapshotAge: { p50: 0, p99: 0 } };
    expect(['Update age', 'Round trip', 'Inputs'].map((name) => value(name, unknown))).toEqual([
      '–',
      '–',
      '–',
    ]);
  });

  test('name a second link and the last change of rung', () => {
    const link = {
      id: 1,
      state: 'active',
      stripes: 1,
      snapshots: 9,
      bytesIn: 0,
      bytesOut: 0,
    } as const;
    const links = [
      { ...link, rung: 'webtransport' },
      { ...link, id: 2, rung: 'websocket' },
    ] as const;
    expect(value('Path', { links, linksInUse: 2 })).toBe('WebTransport + WebSocket');
    expect(meaning('Path', { links, linksInUse: 2 })).toBe('Two links at once, the newest wins');
    expect(meaning('Path', { rungChanges: 2, lastMove: 'better rung' })).toBe(
      '2 changes, last: better rung',
    );
    const bytesBeside = { in: GOOD.bytesIn / 4, out: 0 };
    expect(meaning('Data down', { bytesBeside })).toBe('25 % of it by a second link');
  });
});
