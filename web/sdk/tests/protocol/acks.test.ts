import { expect, test } from 'vitest';
import { ReceivedWindow, SentWindow } from '../../src/protocol/acks.ts';
import { sequenceDistance, sequencePlus } from '../../src/protocol/sequence.ts';

const nothing = { acked: () => undefined, lost: () => undefined };

test('newer survives the wrap', () => {
  expect(sequenceDistance(0, 65_535)).toBe(1);
  expect(sequenceDistance(2, 65_534)).toBe(4);
  expect(sequenceDistance(65_000, 5)).toBeLessThan(0);
  expect(sequenceDistance(7, 7)).toBe(0);
  expect(sequencePlus(65_535, 1)).toBe(0);
  expect(sequencePlus(3, -5)).toBe(65_534);
});

test('a late datagram is new once', () => {
  const window = new ReceivedWindow();
  expect(window.receive(1, 10)).toBe('newest');
  expect(window.receive(1, 12)).toBe('newest');
  expect(window.receive(1, 11)).toBe('late');
  expect(window.receive(1, 11)).toBe('duplicate');
  expect(window.receive(1, 12)).toBe('duplicate');
  expect(window.bits).toBe(0b11);
  expect(window.receive(1, 44)).toBe('newest');
  expect(window.bits).toBe(2 ** 31);
  expect(window.receive(1, 11)).toBe('duplicate');
});

test('acks report each datagram once and the missing as lost', () => {
  const sent = new SentWindow();
  for (let tick = 0; tick < 40; tick += 1) {
    sent.send(1, tick);
  }
  const acked: number[] = [];
  const lost: number[] = [];
  const observer = {
    acked: (datagram: { tick: number }) => acked.push(datagram.tick),
    lost: (datagram: { tick: number }) => lost.push(datagram.tick),
  };
  sent.acknowledge(3, 0b101, observer);
  expect(acked).toEqual([0, 2, 3]);
  acked.length = 0;
  sent.acknowledge(39, 0xffff_ffff, observer);
  expect(acked).toEqual(Array.from({ length: 33 }, (_, i) => i + 7));
  expect(lost.toSorted((a, b) => a - b)).toEqual([1, 4, 5, 6]);
  expect(sent.newestAcked?.tick).toBe(39);
});

test('an ack for what was never sent is ignored', () => {
  const sent = new SentWindow();
  sent.send(1, 0);
  sent.acknowledge(1, 0xffff_ffff, nothing);
  expect(sent.newestAcked).toBeUndefined();
});

test('a datagram counts as lost when nine later than it are acknowledged, not sooner', () => {
  const sent = new SentWindow();
  for (let tick = 0; tick < 20; tick += 1) {
    sent.send(1, tick);
  }
  const lost: number[] = [];
  const observer = {
    acked: () => undefined,
    lost: ({ tick }: { tick: number }) => lost.push(tick),
  };
  sent.acknowledge(8, 0, observer);
  expect(lost).toEqual([]);
  sent.acknowledge(9, 0, observer);
  expect(lost).toEqual([0]);
});
