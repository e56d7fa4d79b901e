/** How often inputs are sent: what a lossy path costs, and that a clean one costs nothing. */

import { describe, expect, test } from 'vitest';
import { Reader, type Writer } from '../../src/protocol/codec.ts';
import { readDatagramHeader } from '../../src/protocol/datagram.ts';
import { MAX_INPUTS, readInputBatch } from '../../src/protocol/input.ts';
import { StateLane } from '../../src/protocol/state-lane.ts';
import { seededRandom } from '../../src/random.ts';
import { InputHistory } from '../../src/sync/input-history.ts';
import { InputSender } from '../../src/sync/input-sender.ts';
import { CALM, CLEAN, inputPolicy } from '../../src/sync/redundancy.ts';
import { UpLoss } from '../../src/sync/up-loss.ts';

describe('the policy', () => {
  test('sends nothing twice where nothing is lost, and each input twice after a loss', () => {
    expect(inputPolicy(0, 1, CALM)).toEqual({ isHurried: false, copies: 1, spareTicks: 0 });
    expect(inputPolicy(1 / 96, 1, CLEAN)).toEqual({ isHurried: false, copies: 2, spareTicks: 0 });
    expect(inputPolicy(0.019, 4, CALM)).toBe(CALM);
  });

  test('hurries from two per cent on, until it is below half a per cent', () => {
    const hurried = inputPolicy(0.02, 1, CALM);
    expect(hurried.isHurried).toBe(true);
    expect(inputPolicy(0.006, 1, hurried).isHurried).toBe(true);
    expect(inputPolicy(0.004, 1, hurried)).toBe(CLEAN);
  });

  test('sends more copies the more is lost, and the more of it in a row; eight at most', () => {
    const copies = (loss: number, burst: number) => inputPolicy(loss, burst, CALM).copies;
    expect([0.02, 0.05, 0.1, 0.2, 0.3].map((loss) => copies(loss, 1))).toEqual([3, 3, 3, 5, 6]);
    expect([1, 2, 3, 4].map((burst) => copies(0.1, burst))).toEqual([3, 4, 5, 6]);
    expect(copies(1, 40)).toBe(8);
    expect(inputPolicy(1, 40, CALM).spareTicks).toBe(4);
  });
});

describe('losses', () => {
  /** Tells of datagrams that came through or not, as acknowledgements do. */
  function observed(lost: (sequence: number) => boolean, count: number): UpLoss {
    const loss = new UpLoss();
    for (let sequence = 0; sequence < count; sequence += 1) {
      if (lost(sequence)) {
        loss.lost({
          sequence: sequence & 0xffff,
          sentAt: 0,
          tick: 0,
          state: 'lost',
          isExcused: false,
        });
      } else {
        loss.acked();
      }
    }
    return loss;
  }

  test('are told by share, and by how many in a row', () => {
    const single = observed((sequence) => sequence % 10 === 0, 1_000);
    expect(single.share).toBeCloseTo(0.1, 1);
    expect(single.burst).toBe(1);
    const threes = observed((sequence) => sequence % 30 < 3, 66_000);
    expect(threes.share).toBeCloseTo(0.1, 1);
    expect(threes.burst).toBeCloseTo(3, 1);
  });

  test('of one datagram are no reason to hurry', () => {
    expect(observed((sequence) => sequence === 500, 501).share).toBeLessThan(0.02);
  });
});

/** A press each second, after which nothing comes through for so long; those that never came, and the largest datagram. */
function presses(outageMs: number) {
  const history = new InputHistory<number>();
  const losses = new UpLoss();
  const [server, client] = [new StateLane(), new StateLane(losses)];
  const held = new Set<number>();
  const pressed: number[] = [];
  let [now, lostUntil, largest, taken] = [0, 0, 0, 0];
  const adapter = {
    encodeInput: (writer: Writer, input: number) => void writer.u8(input),
    repeatInput: (input: number) => input & 0x7f,
  };
  const send = (datagram: Uint8Array) => {
    largest = Math.max(largest, datagram.length);
    if (now < lostUntil) {
      return;
    }
    const reader = new Reader(datagram);
    server.receiveDatagram(now, readDatagramHeader(reader));
    const batch = readInputBatch(reader, (from) => from.u8());
    const ticks = batch.inputs.map((_, back) => batch.newest - back);
    // As the server does, which takes no input that is older than one it has.
    ticks.filter((tick) => tick > taken).forEach((tick) => void held.add(tick));
    taken = Math.max(taken, batch.newest);
  };
  const sender = new InputSender<number>(adapter, 60, history, client, losses, () => 9, send);
  for (let tick = 1; tick <= 600; tick += 1) {
    now = (tick * 1_000) / 60;
    const isPress = tick % 60 === 10;
    if (isPress) {
      pressed.push(tick);
      lostUntil = now + outageMs;
    }
    history.push(tick, isPress ? 0x81 : 1);
    sender.poll(now);
    if (tick % 3 === 0) {
      client.receiveDatagram(now, server.sendDatagram(now, tick));
    }
  }
  return { missing: pressed.filter((tick) => !held.has(tick)), largest };
}

/** One game's inputs over a lossy way up, at 60 ticks a second. */
function play(loss: number, bytesPerInput = 2, tickRate = 60) {
  const random = seededRandom(7);
  const history = new InputHistory<number>();
  const losses = new UpLoss();
  const server = new StateLane();
  const client = new StateLane(losses);
  const held = new Set<number>();
  const seen = { datagrams: 0, bytes: 0, largest: 0, missing: 0, ticks: 0 };
  let now = 0;
  const sender = new InputSender<number>(
    {
      encodeInput: (writer, input) => {
        for (let i = 0; i < bytesPerInput; i += 1) {
          writer.u8(input & 0xff);
        }
      },
    },
    tickRate,
    history,
    client,
    losses,
    () => 9,
    (bytes) => {
      seen.datagrams += 1;
      seen.bytes += bytes.length;
      seen.largest = Math.max(seen.largest, bytes.length);
      if (random() >= loss) {
        const reader = new Reader(bytes);
        server.receiveDatagram(now, readDatagramHeader(reader));
        const batch = readInputBatch(reader, (from) => {
          for (let i = 1; i < bytesPerInput; i += 1) {
            from.u8();
          }
          return from.u8();
        });
        expect(batch.viewLag).toBe(9);
        expect(batch.inputs.length).toBeLessThanOrEqual(MAX_INPUTS);
        batch.inputs.forEach((_, back) => {
          held.add(batch.newest - back);
        });
      }
    },
  );
  const seconds = 120;
  for (let tick = 1; tick <= seconds * tickRate; tick += 1) {
    now = (tick * 1_000) / tickRate;
    history.push(tick, tick);
    sender.poll(now);
    if (tick % 3 === 0) {
      client.receiveDatagram(now, server.sendDatagram(now, tick));
    }
    if (tick > 20 * tickRate) {
      seen.ticks += 1;
      seen.missing += held.has(tick - 10) ? 0 : 1;
    }
  }
  return { ...seen, rate: seen.datagrams / seconds, missed: seen.missing / seen.ticks };
}

describe('inputs', () => {
  test('cost thirty small datagrams a second on a clean way, and nothing extra', () => {
    const seen = play(0);
    expect(seen.rate).toBeCloseTo(30, 0);
    expect(seen.largest).toBeLessThanOrEqual(9 + 3 + 1 + 4 * 2);
    expect(seen.missed).toBe(0);
  });

  test.each([0.05, 0.1, 0.2])('are all there at a loss of %d', (loss) => {
    expect(play(loss).missed).toBeLessThan(0.001);
  });

  test('cost at most 120 % more at a loss of a tenth', () => {
    expect(play(0.1).bytes / play(0).bytes).toBeLessThanOrEqual(2.2);
  });

  test('that are large are sent fewer times rather than in large datagrams', () => {
    expect(play(0.3, 40).largest).toBeLessThan(220);
    expect(play(0.3, 40).missed).toBeLessThan(0.06);
  });

  test('are repeated half way where ticks are rare', () => {
    expect(play(0, 2, 30).rate).toBeCloseTo(30, 0);
    expect(play(0.1, 2, 30).missed).toBeLessThan(0.001);
  });

  test('with a press go out until they are there, whatever is known of the path', () => {
    expect(presses(160).missing).toEqual([]);
    // An outage that is longer than a datagram reaches back.
    expect(presses(650).missing).toEqual([]);
    expect(presses(0).largest).toBeLessThanOrEqual(9 + 3 + 1 + 1 + 6);
  });

  test('stay small though nothing is ever acknowledged', () => {
    expect(play(1).largest).toBeLessThan(60);
  });
});
