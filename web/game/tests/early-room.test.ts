import type { RoomSummary } from '@battle-circles/sdk';
import { expect, test } from 'vitest';
import { earlyRoom } from '../src/app/early-room.ts';

function room(name: string, label: string, players: number): RoomSummary {
  return { room: name, label, players, bots: 3, capacity: 12, visibility: 'public' };
}

test('the fullest match that has not got far is chosen, and never the one that is left', () => {
  const rooms = [
    room('left', 'early', 9),
    room('late', 'late', 8),
    room('lively', 'early', 5),
    room('quiet', 'early', 1),
    room('full', 'early', 12),
  ];
  expect(earlyRoom(rooms, 'left')).toBe('lively');
  expect(earlyRoom(rooms.slice(0, 2), 'left')).toBeUndefined();
});
