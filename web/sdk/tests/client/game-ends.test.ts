/** Ends that are the game's own doing, and what a join asks of the game. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClosedEvent } from '../../src/events.ts';
import { listRooms } from '../../src/net/admission/rooms.ts';
import { FakeNetwork } from '../support/fake-network.ts';
import { connect } from '../support/observed-client.ts';

let network: FakeNetwork;

beforeEach(() => {
  network = new FakeNetwork();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a session that the game ends', () => {
  test.each([
    ['refused', 3],
    ['action-refused', 0],
    ['kicked', 9],
    ['room-ended', undefined],
  ] as const)('as %s is over for good, and tells the code %s', async (reason, code) => {
    const { client, states } = connect(network);
    const closed: ClosedEvent[] = [];
    client.on('closed', (event) => closed.push(event));
    await network.run(3_000);
    network.server.end('token-1', reason, code === undefined ? {} : { code });
    await network.run(10_000);
    expect(closed).toMatchObject([{ reason }]);
    expect(closed[0]?.code).toBe(code);
    expect(states).toEqual(['connecting', 'playing', 'closed']);
    expect(network.joins).toHaveLength(1);
    expect(client.resumable()).toBeUndefined();
  });

  test('because too much waited for the player is joined anew', async () => {
    const { log } = connect(network);
    await network.run(15_000);
    network.server.end('token-1', 'backlogged');
    await network.run(5_000);
    expect(log).toEqual(['welcome token-1 pond', 'welcome token-2 pond']);
  });

  test('before the welcome rejects the connect with the code', async () => {
    network.server.refusal = 4;
    const { welcome } = connect(network);
    await network.run(1_000);
    await expect(welcome).rejects.toMatchObject({ reason: 'refused', code: 4 });
  });
});

describe('a join', () => {
  test('asks the game for its options, and so does each rejoin', async () => {
    connect(network, { name: 'Ada', options: { team: 'red' } });
    await network.run(15_000);
    network.server.end('token-1', 'room-failed');
    await network.run(5_000);
    expect(network.joins.map(({ options }) => options)).toEqual([{ team: 'red' }, { team: 'red' }]);
  });

  test('with options of over 1,024 bytes is refused before it is sent', async () => {
    const { welcome } = connect(network, { name: 'Ada', options: { map: 'é'.repeat(600) } });
    await network.run(1_000);
    await expect(welcome).rejects.toMatchObject({ reason: 'refused', problem: 'bad-options' });
    expect(network.joins).toEqual([]);
  });

  test.each([
    [403, 'refused-by-game'],
    [400, 'bad-options'],
  ] as const)('that the game refuses with %d says so', async (status, problem) => {
    network.joinStatus = status;
    network.joinProblem = problem;
    const { welcome } = connect(network);
    await network.run(1_000);
    await expect(welcome).rejects.toMatchObject({ reason: 'refused', status, problem });
  });
});

describe('the list of rooms', () => {
  const ORIGIN = 'https://play.example';

  async function rooms() {
    const listed = listRooms(ORIGIN, network.host);
    await network.run(1_000);
    return listed;
  }

  test('gives each room, and what an older server leaves out as unknown', async () => {
    network.rooms = [
      { room: 'pond', players: 3, bots: 9, capacity: 12, label: 'round 2', visibility: 'public' },
      { room: 'ada-1', players: 1, bots: 0, capacity: 12 },
    ];
    expect(await rooms()).toEqual([
      { room: 'pond', players: 3, bots: 9, capacity: 12, label: 'round 2', visibility: 'public' },
      { room: 'ada-1', players: 1, bots: 0, capacity: 12, label: '', visibility: undefined },
    ]);
  });

  test('leaves out rows that are no rooms', async () => {
    network.rooms = [null, 7, { players: 3 }, { room: 'pond', players: -1, bots: 'many' }];
    expect(await rooms()).toMatchObject([{ room: 'pond', players: 0, bots: 0, capacity: 0 }]);
    network.rooms = { rooms: [] };
    expect(await rooms()).toEqual([]);
  });

  test('of a server that is down fails as unreachable', async () => {
    network.server.isDown = true;
    const listed = listRooms(ORIGIN, network.host);
    const failed = expect(listed).rejects.toMatchObject({ reason: 'unreachable' });
    await network.run(1_000);
    await failed;
  });
});
