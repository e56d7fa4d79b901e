/** Who plays in a browser stays the same over visits, as far as the browser lets it. */

import { describe, expect, test } from 'vitest';
import type { TabStorage } from '../../src/events.ts';
import { browserHost } from '../../src/host.ts';
import { Identity } from '../../src/identity.ts';
import { IdentityStore } from '../../src/identity-store.ts';

const ORIGIN = 'https://play.example';

function mapStorage(): TabStorage & { readonly map: Map<string, string> } {
  const map = new Map<string, string>();
  return {
    map,
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
  };
}

function fail(): never {
  throw new DOMException('denied', 'SecurityError');
}

/** A page that is loaded. */
function visit(storage: TabStorage | undefined, origin = ORIGIN): IdentityStore {
  return new IdentityStore({ origin, storage }, { ...browserHost(), storage: undefined });
}

describe('the identity', () => {
  test('is the same at the next visit, with its player id once a join has told it', () => {
    const storage = mapStorage();
    const first = visit(storage);
    const { identity, player } = first.current();
    expect(player).toBeUndefined();
    first.learn(identity, 'ada-id');
    expect(visit(storage).current()).toEqual({ identity, player: 'ada-id' });
  });

  test('is another one on each server', () => {
    const storage = mapStorage();
    const here = visit(storage).current().identity;
    expect(visit(storage, 'https://other.example').current().identity).not.toEqual(here);
  });

  test('of another device is adopted, and its player id is not known yet', () => {
    const storage = mapStorage();
    const store = visit(storage);
    store.learn(store.current().identity, 'ada-id');
    const other = Identity.create();
    store.adopt(other);
    expect(visit(storage).current()).toEqual({ identity: other, player: undefined });
  });

  test('that is adopted a second time keeps its player id', () => {
    const store = visit(mapStorage());
    const { identity } = store.current();
    store.learn(identity, 'ada-id');
    store.adopt(Identity.fromBytes(identity.bytes()));
    expect(store.current().player).toBe('ada-id');
  });

  test('is another one after it was renewed, and the old one’s answers come too late', () => {
    const storage = mapStorage();
    const store = visit(storage);
    const old = store.current().identity;
    store.renew();
    store.learn(old, 'ada-id');
    const { identity, player } = visit(storage).current();
    expect(identity).not.toEqual(old);
    expect(player).toBeUndefined();
  });

  test('that another tab has renewed is seen here', () => {
    const storage = mapStorage();
    const [one, two] = [visit(storage), visit(storage)];
    one.current();
    two.renew();
    expect(one.current()).toEqual(two.current());
  });
});

describe('storage', () => {
  test.each([
    ['missing', undefined],
    ['forbidden', { getItem: fail, setItem: fail, removeItem: fail }],
    ['full', { ...mapStorage(), setItem: fail }],
  ])('that is %s leaves an identity for as long as the page', (_, storage) => {
    const store = visit(storage);
    const { identity } = store.current();
    store.learn(identity, 'ada-id');
    expect(store.current()).toEqual({ identity, player: 'ada-id' });
    store.renew();
    expect(store.current().identity).not.toEqual(identity);
    expect(visit(storage).current().identity).not.toEqual(store.current().identity);
  });

  test('that takes nothing new does not bring a burnt key back', () => {
    const storage = mapStorage();
    const burnt = visit(storage).current().identity;
    const store = visit({ ...storage, setItem: fail });
    expect(store.current().identity).toEqual(burnt);
    store.renew();
    expect(store.current().identity).not.toEqual(burnt);
    expect(visit(storage).current().identity).not.toEqual(burnt);
  });

  test.each(['', 'null', '5', '{"key":5}', '{"key":"short","player":"x"}', '{"key'])(
    'that holds %j is as good as empty',
    (text) => {
      const storage = mapStorage();
      storage.map.set(`battle-circles.identity ${ORIGIN}`, text);
      const { identity, player } = visit(storage).current();
      expect(Identity.parse(identity.key)).toEqual(identity);
      expect(player).toBeUndefined();
    },
  );
});
