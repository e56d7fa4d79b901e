import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Host } from '../../../src/host.ts';
import { WarmSession } from '../../../src/net/transport/warm-session.ts';

const offer = { kind: 'webtransport', url: 'https://x', certificateHashes: [] } as const;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** What was opened, and what became of each. */
function world({ comesUp = true, loses = false } = {}) {
  const opened: { url: string; isClosed: boolean; lose(): void }[] = [];
  const host: Pick<Host, 'now' | 'setTimer' | 'openWebTransport'> = {
    now: () => performance.now(),
    setTimer: (callback, delay) => {
      const timer = setTimeout(callback, delay);
      return () => clearTimeout(timer);
    },
    openWebTransport: (url) => {
      const entry = { url, isClosed: false, lose: (): void => undefined };
      opened.push(entry);
      return {
        ready: comesUp ? Promise.resolve() : new Promise(() => undefined),
        closed: new Promise((_, reject) => {
          entry.lose = () => reject(new Error('gone'));
          if (loses) {
            entry.lose();
          }
        }),
        close: () => {
          entry.isClosed = true;
        },
      } as unknown as WebTransport;
    },
  };
  return { warm: new WarmSession(host as Host), opened };
}

test('opens one session and gives it away once', async () => {
  const { warm, opened } = world();
  warm.open(offer);
  warm.open(offer);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(opened).toHaveLength(1);
  expect(warm.isUp([{ kind: 'websocket', url: 'wss://x' }, offer])).toBe(true);
  expect(warm.isUp([{ ...offer, url: 'https://y' }])).toBe(false);
  expect(warm.take(offer)).toBeDefined();
  expect(warm.isUp([offer])).toBe(false);
  expect(warm.take(offer)).toBeUndefined();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(opened[0]?.isClosed).toBe(false);
});

test('closes what nobody takes for 10 s', async () => {
  const { warm, opened } = world();
  warm.open(offer);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(opened[0]?.isClosed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(opened[0]?.isClosed).toBe(true);
  expect(warm.take(offer)).toBeUndefined();
});

test('gives nothing away that was lost, that hangs, or that leads elsewhere', async () => {
  const lost = world({ loses: true });
  lost.warm.open(offer);
  await vi.advanceTimersByTimeAsync(10);
  expect(lost.warm.take(offer)).toBeUndefined();

  const hanging = world({ comesUp: false });
  hanging.warm.open(offer);
  await vi.advanceTimersByTimeAsync(1_001);
  expect(hanging.warm.take(offer)).toBeUndefined();
  expect(hanging.opened[0]?.isClosed).toBe(true);

  const elsewhere = world();
  elsewhere.warm.open(offer);
  await vi.advanceTimersByTimeAsync(10);
  expect(elsewhere.warm.take({ ...offer, url: 'https://y' })).toBeUndefined();
});

test('one that is still on its way is worth waiting for', async () => {
  const { warm } = world({ comesUp: false });
  warm.open(offer);
  await vi.advanceTimersByTimeAsync(100);
  expect(warm.take(offer)).toBeDefined();
});

test('whoever asks again before the end has one all the time', async () => {
  const { warm, opened } = world();
  for (let at = 0; at < 60_000; at += 8_000) {
    warm.open(offer);
    await vi.advanceTimersByTimeAsync(100);
    expect(warm.isUp([offer])).toBe(true);
    await vi.advanceTimersByTimeAsync(7_900);
    expect(warm.isUp([offer])).toBe(true);
  }
  expect(opened.filter(({ isClosed }) => !isClosed)).toHaveLength(1);
});

test('a browser that throws has none', () => {
  const host = {
    now: () => 0,
    openWebTransport: () => {
      throw new TypeError('not supported');
    },
  };
  const warm = new WarmSession(host as unknown as Host);
  warm.open(offer);
  expect(warm.take(offer)).toBeUndefined();
});
