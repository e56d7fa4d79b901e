/** A page that is loaded again comes back to its seat; a second page never shares it unknowingly. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GameClient } from '../../src/client.ts';
import { browserHost } from '../../src/host.ts';
import { adapter } from '../support/fake-game.ts';
import { FakeNetwork } from '../support/fake-network.ts';
import { connect } from '../support/observed-client.ts';

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
});

afterEach(() => {
  vi.useRealTimers();
});

function resumable() {
  return new GameClient({ adapter }, network.host).resumable();
}

/** A page that plays for a while. */
async function playing(room?: string) {
  const page = connect(network, { name: 'Ada', room });
  await network.run(8_000);
  return page;
}

/** The page is loaded again. */
async function reload() {
  network.closePage();
  await network.run(100);
  const page = connect(network, { name: 'Ada', resume: true });
  await network.run(3_000);
  return page;
}

describe('a reload', () => {
  test('comes back to the same seat in a new session', async () => {
    const first = await playing('willow');
    first.client.setInput(3);
    await network.run(1_000);
    const { own } = network.server.session;
    expect(own).toBeGreaterThan(0);
    const { client, log, welcome } = await reload();
    expect(network.joins.at(-1)).toMatchObject({
      name: 'Ada',
      room: 'willow',
      visibility: 'private',
      resume: 'token-1',
    });
    expect(log).toEqual(['welcome token-2 willow']);
    await expect(welcome).resolves.toMatchObject({ resumed: true, visibility: 'private' });
    expect(network.server.session.own).toBeGreaterThanOrEqual(own);
    expect(client.status.state).toBe('playing');
  });

  test('comes back again and again, also before the welcome has come', async () => {
    await playing();
    network.closePage();
    connect(network, { name: 'Ada', resume: true });
    while (network.joins.length < 2 || network.server.sessions.has('token-1')) {
      await network.run(5);
    }
    await network.run(60);
    const { log } = await reload();
    expect(log).toEqual(['welcome token-3 pond']);
  });

  test('asks once, also when the page then stands still for seconds', async () => {
    await playing();
    network.closePage();
    const { log } = connect(network, { name: 'Ada', resume: true });
    await network.block(4_000);
    await network.run(3_000);
    expect(network.joins).toHaveLength(2);
    expect(log).toEqual(['welcome token-2 pond']);
  });

  test('tells the server that the page goes, and not that the player left', async () => {
    const { log } = await playing();
    network.closePage();
    await network.run(300);
    expect(network.server.session.received).toEqual([{ kind: 'unload' }]);
    expect(network.server.session.links).toEqual([]);
    expect(log.at(-1)).toBe('closed unloaded');
    expect(resumable()).toEqual({ name: 'Ada', room: 'pond', visibility: 'public' });
  });

  test('is told from a page that is only put aside for the way back', () => {
    const window = new EventTarget();
    vi.stubGlobal('window', window);
    const seen: string[] = [];
    const release = browserHost().onUnload(() => seen.push('unload'));
    window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));
    expect(seen).toEqual([]);
    window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: false }));
    expect(seen).toEqual(['unload']);
    release();
    vi.unstubAllGlobals();
  });

  test('after the tab crashed needs no word', async () => {
    await playing();
    expect(resumable()).toMatchObject({ room: 'pond' });
    const again = connect(network, { name: 'Ada', resume: true });
    await network.run(3_000);
    expect(again.log).toEqual(['welcome token-2 pond']);
  });

  test('of a seat that is gone says so, and forgets it', async () => {
    await playing();
    network.server.end('token-1', 'expired');
    network.closePage();
    const { welcome, log } = connect(network, { name: 'Ada', resume: true });
    await network.run(3_000);
    await expect(welcome).rejects.toMatchObject({ reason: 'seat-gone', status: 410 });
    expect(log).toEqual(['closed seat-gone']);
    expect(resumable()).toBeUndefined();
  });

  test('during a restart waits, and joins the same room', async () => {
    await playing('willow');
    network.server.shutDown();
    await network.run(300);
    const { log } = await reload();
    expect(log).toEqual([]);
    network.server.isDown = false;
    await network.run(3_000);
    expect(log).toEqual(['welcome token-2 willow']);
  });

  test('asks for no seat in a room that it was not in', async () => {
    await playing('willow');
    network.closePage();
    const { log } = connect(network, { name: 'Ada', room: 'reed', resume: true });
    await network.run(3_000);
    expect(network.joins.at(-1)?.resume).toBeUndefined();
    expect(log).toEqual(['welcome token-2 reed']);
  });
});

describe('what the tab keeps', () => {
  test('is forgotten when the player leaves', async () => {
    const { client } = await playing();
    client.leave();
    expect(resumable()).toBeUndefined();
  });

  test('stays while the server cannot be reached', { timeout: 30_000 }, async () => {
    const { log } = await playing();
    network.path.isGone = true;
    await network.run(125_000);
    expect(log.at(-1)).toBe('closed unreachable');
    expect(resumable()).toMatchObject({ room: 'pond' });
  });

  test('is not there before the welcome, nor in a tab of its own', async () => {
    connect(network);
    expect(resumable()).toBeUndefined();
    await network.run(8_000);
    network.tab = new Map();
    expect(resumable()).toBeUndefined();
    const second = connect(network, { name: 'Bo', resume: true });
    await network.run(3_000);
    expect(second.log).toEqual(['welcome token-2 pond']);
    expect(network.server.sessions.size).toBe(2);
  });

  test.each(['missing', 'forbidden', 'mangled'])('may be %s', async (fault) => {
    const fail = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    const tabStorage =
      fault === 'forbidden'
        ? { getItem: fail, setItem: fail, removeItem: fail }
        : { getItem: () => '{"name":5', setItem: () => undefined, removeItem: () => undefined };
    if (fault === 'missing') {
      network.tab = undefined;
    }
    const options = fault === 'missing' ? {} : { tabStorage };
    const { client, log } = connect(network, { name: 'Ada', resume: true }, options);
    await network.run(3_000);
    expect(client.resumable()).toBeUndefined();
    client.leave();
    expect(log).toEqual(['welcome token-1 pond', 'closed left']);
  });
});

describe('a duplicated tab', () => {
  test('takes the seat over, and the first is told, once and for all', async () => {
    const first = await playing();
    network.tab = new Map(network.tab);
    const second = connect(network, { name: 'Ada', resume: true });
    await network.run(5_000);
    expect(first.log).toEqual(['welcome token-1 pond', 'closed superseded']);
    expect(second.log).toEqual(['welcome token-2 pond']);
    expect(second.client.status.state).toBe('playing');
    expect(network.joins).toHaveLength(2);
    expect(network.server.sessions.size).toBe(1);
  });

  test.each(['webtransport', 'webrtc', 'websocket'] as const)('also on %s', async (rung) => {
    const first = connect(network, { name: 'Ada' }, { rung });
    await network.run(8_000);
    network.tab = new Map(network.tab);
    connect(network, { name: 'Ada', resume: true }, { rung });
    await network.run(10_000);
    expect(first.log).toEqual(['welcome token-1 pond', 'closed superseded']);
    expect(network.joins).toHaveLength(2);
  });
});
