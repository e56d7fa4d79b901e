import { describe, expect, test } from 'vitest';
import { readSettings, SettingsStore, type Shelf, USUAL } from '../src/settings/settings.ts';

function shelf(): Shelf & { text: string | null } {
  return {
    text: null,
    getItem() {
      return this.text;
    },
    setItem(_key, value) {
      this.text = value;
    },
  };
}

describe('settings', () => {
  test.each([
    null,
    '',
    'not json',
    'null',
    '7',
    '[]',
    '{"volume":"loud","isMuted":1}',
    '{"volume":null}',
  ])('are as usual where %j was kept', (text) => {
    expect(readSettings(text)).toEqual(USUAL);
  });

  test('keep what makes sense beside what doesn’t, and the volume within its limits', () => {
    expect(readSettings('{"isMuted":true,"volume":7,"vibrates":"no"}')).toEqual({
      ...USUAL,
      isMuted: true,
      volume: 1,
    });
  });

  test('are there again at the next visit', () => {
    const kept = shelf();
    new SettingsStore(kept).change({ volume: 0.25, isCalm: true });
    expect(new SettingsStore(kept).current).toEqual({ ...USUAL, volume: 0.25, isCalm: true });
  });

  test('last as long as the page where nothing can be kept', () => {
    const refuse = (): never => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    const store = new SettingsStore({ getItem: refuse, setItem: refuse });
    store.change({ isMuted: true });
    expect(store.current.isMuted).toBe(true);
  });

  test('tell of each change until nobody listens', () => {
    const store = new SettingsStore(shelf());
    const heard: boolean[] = [];
    const release = store.onChange(({ isMuted }) => heard.push(isMuted));
    store.change({ isMuted: true });
    release();
    store.change({ isMuted: false });
    expect(heard).toEqual([true]);
  });
});
