import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { browserHost, type Host } from '../../../src/host.ts';
import { NetworkEmulator } from '../../../src/net/emulator/network-emulator.ts';
import {
  NETWORK_PROFILES,
  type NetworkProfile,
  type OneWayProfile,
} from '../../../src/net/emulator/network-profile.ts';
import type { Link, LinkEvents } from '../../../src/net/transport/link.ts';
import { ReceivedDatagram } from '../../../src/received-datagram.ts';

const host: Host = browserHost();
const CALM = NETWORK_PROFILES.perfect.down;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A link over such a path, with what either end hears: when, and which datagram or frame. */
function opened(path: NetworkEmulator) {
  const heard: string[] = [];
  const hear = (what: string) => heard.push(`${Math.round(performance.now() - start)} ${what}`);
  const start = performance.now();
  let below: LinkEvents | undefined;
  const inner: Link = {
    rung: 'webtransport',
    stripes: 1,
    counters: { bytesIn: 0, bytesOut: 0, unsent: 0 },
    sendState: ([byte]) => hear(`up ${byte}`),
    sendControl: ([byte]) => hear(`up frame ${byte}`),
    close: () => hear('closed'),
  };
  const link = path.open(
    {
      answered: () => hear('answered'),
      attached: () => hear('attached'),
      state: ({ bytes }) => hear(`down ${bytes[0]}`),
      frame: ({ kind }) => hear(`down ${kind}`),
      controlMoved: () => hear('control moved'),
      closed: ({ reason }) => hear(`closed ${reason}`),
    },
    (events) => {
      below = events;
      return inner;
    },
  );
  if (below === undefined) {
    throw new Error('the link was not opened');
  }
  return { link, below, heard };
}

function emulator(
  down: Partial<OneWayProfile>,
  up: Partial<OneWayProfile> = {},
  shared_fades = false,
): NetworkEmulator {
  const profile: NetworkProfile = {
    shared_fades,
    down: { ...CALM, ...down },
    up: { ...CALM, ...up },
  };
  return new NetworkEmulator(host, profile);
}

const datagram = (byte: number) => Uint8Array.of(byte);
const received = (byte: number) => new ReceivedDatagram().read(datagram(byte));

describe('a degraded link', () => {
  test('delays each direction by its own', async () => {
    const { link, below, heard } = opened(emulator({ delay_ms: 50 }, { delay_ms: 200 }));
    below.attached();
    below.state(received(1));
    link.sendState(datagram(2));
    link.sendControl(datagram(3));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heard).toEqual(['50 attached', '50 down 1', '200 up 2', '200 up frame 3']);
  });

  test('passes all at once where there is nothing to wait for', () => {
    const { link, below, heard } = opened(emulator({}));
    below.state(received(1));
    link.sendState(datagram(2));
    expect(heard).toEqual(['0 down 1', '0 up 2']);
  });

  test('keeps frames in order through any jitter, and lets datagrams overtake', async () => {
    const jitter = { ms: 300, order: 'free', touched_percent: 100 } as const;
    const { link, heard } = opened(emulator({}, { jitter }));
    for (let byte = 0; byte < 50; byte += 1) {
      link.sendControl(datagram(byte));
      link.sendState(datagram(byte));
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(1_000);
    const bytes = (kind: RegExp) =>
      heard.flatMap((line) => (kind.test(line) ? [Number(line.replace(kind, ''))] : []));
    const inOrder = Array.from({ length: 50 }, (_, byte) => byte);
    expect(bytes(/^.* up frame /)).toEqual(inOrder);
    expect(bytes(/^.* up (?=\d)/)).not.toEqual(inOrder);
    expect(bytes(/^.* up (?=\d)/).sort((a, b) => a - b)).toEqual(inOrder);
  });

  test('shares its quality and its time with the other links of the path', async () => {
    const path = emulator({ gaps: [{ at_s: 1, for_ms: 500, every_s: null }] });
    await vi.advanceTimersByTimeAsync(900);
    const links = [opened(path), opened(path)];
    for (let step = 0; step < 10; step += 1) {
      for (const { below } of links) {
        below.state(received(step));
      }
      await vi.advanceTimersByTimeAsync(100);
    }
    for (const { heard } of links) {
      expect(heard).toEqual(['0 down 0', '600 down 6', '700 down 7', '800 down 8', '900 down 9']);
    }
  });

  test.each([true, false])('fades both ways at once: %s', async (isShared) => {
    const fading = { loss: { model: 'fades', mean_ms: 60, faded_percent: 20 } } as const;
    const { link, below, heard } = opened(emulator(fading, fading, isShared));
    for (let step = 0; step < 500; step += 1) {
      below.state(received(step));
      link.sendState(datagram(step));
      await vi.advanceTimersByTimeAsync(20);
    }
    const came = (way: string) =>
      heard.filter((line) => line.includes(way)).map((line) => line.replace(way, ''));
    expect(came('down').length).toBeGreaterThan(350);
    expect(JSON.stringify(came('down')) === JSON.stringify(came('up'))).toBe(isShared);
  });

  test('says nothing any more once it is closed', async () => {
    const { link, below, heard } = opened(emulator({ delay_ms: 50 }));
    below.state(received(1));
    link.close();
    await vi.advanceTimersByTimeAsync(100);
    expect(heard).toEqual(['0 closed']);
    const other = opened(emulator({ delay_ms: 50 }));
    other.below.state(received(1));
    other.below.closed({ reason: 'lost', detail: '' });
    await vi.advanceTimersByTimeAsync(100);
    expect(other.heard).toEqual(['0 closed lost']);
  });
});
