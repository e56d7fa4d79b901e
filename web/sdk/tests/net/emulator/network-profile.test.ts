import { describe, expect, test } from 'vitest';
import {
  NETWORK_PROFILE_NAMES,
  NETWORK_PROFILES,
  type OneWayProfile,
  parseNetworkProfile,
} from '../../../src/net/emulator/network-profile.ts';

/** Keys that an object has, in order. */
function keys(value: object): string {
  return Object.keys(value).sort().join(' ');
}

const LOSS_KEYS: Readonly<Record<string, string>> = {
  none: 'model',
  uniform: 'model percent',
  bursts: 'bad_packets good_packets model',
  fades: 'faded_percent mean_ms model',
};

function checkDirection({ delay_ms, jitter, loss, duplicate_percent, gaps }: OneWayProfile): void {
  expect(delay_ms).toBeGreaterThanOrEqual(0);
  expect(delay_ms).toBeLessThanOrEqual(60_000);
  expect(keys(jitter)).toBe('ms order touched_percent');
  expect(['kept', 'free']).toContain(jitter.order);
  expect(keys(loss)).toBe(LOSS_KEYS[loss.model]);
  for (const percent of [
    duplicate_percent,
    jitter.touched_percent,
    loss.model === 'uniform' ? loss.percent : 0,
    loss.model === 'fades' ? loss.faded_percent : 0,
  ]) {
    expect(percent).toBeGreaterThanOrEqual(0);
    expect(percent).toBeLessThanOrEqual(100);
  }
  for (const gap of gaps) {
    expect(keys(gap)).toBe('at_s every_s for_ms');
    expect(gap.for_ms).toBeLessThanOrEqual(1_000 * (gap.every_s ?? 600));
  }
}

describe('the link profiles', () => {
  test.each(Object.entries(NETWORK_PROFILES))(
    '%s is one that the SDK understands',
    (_, profile) => {
      const { remark = '', shared_fades, up, down, ...more } = profile;
      expect(more).toEqual({});
      expect(typeof remark).toBe('string');
      expect(typeof shared_fades).toBe('boolean');
      for (const direction of [up, down]) {
        expect(keys(direction)).toBe('delay_ms duplicate_percent gaps jitter loss');
        checkDirection(direction);
      }
    },
  );

  test('are known by name only', () => {
    expect(parseNetworkProfile('4g-moving')).toBe('4g-moving');
    expect(parseNetworkProfile('toString')).toBeUndefined();
    expect(parseNetworkProfile(null)).toBeUndefined();
    expect(NETWORK_PROFILE_NAMES).toContain('subway');
  });
});
