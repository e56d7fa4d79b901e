/** Control over links that come, go and die without a word. */

import { describe, expect, test } from 'vitest';
import type { Host } from '../../../src/host.ts';
import { type ControlCandidate, ControlLane } from '../../../src/net/connection/control-lane.ts';
import type { Link } from '../../../src/net/transport/link.ts';
import {
  decodeClientFrame,
  type ServerFrame,
  type ServerMessage,
} from '../../../src/protocol/control.ts';

/** A link that notes what it is given and answers pings and messages while it lives. */
class FakeLink implements Link {
  readonly rung = 'websocket';
  readonly stripes = 1;
  readonly counters = { bytesIn: 0, bytesOut: 0, unsent: 0 };
  readonly sent: string[] = [];
  isDead = false;
  isCurrent = false;
  isAlive = true;
  onAnswer: (frame: ServerFrame) => void = () => undefined;

  sendState(): void {
    throw new Error('no State here');
  }

  sendControl(bytes: Uint8Array): void {
    const frame = decodeClientFrame(bytes);
    this.sent.push(frame.kind);
    if (this.isDead) {
      return;
    }
    if (frame.kind === 'ping') {
      this.onAnswer({ kind: 'pong', number: frame.number });
    } else if (frame.kind === 'message') {
      this.onAnswer({ kind: 'ack', sequence: frame.sequence });
    }
  }

  close(): void {
    this.isDead = true;
  }
}

/** A lane and links; `run` lets time pass as a connection does. */
function lane(...links: FakeLink[]) {
  const clock = { now: 0 };
  const host = { now: () => clock.now } as Host;
  const delivered: ServerMessage[] = [];
  const control = new ControlLane(host, (message) => delivered.push(message));
  const answers: (() => void)[] = [];
  for (const link of links) {
    link.onAnswer = (frame) => answers.push(() => control.onFrame(link, frame));
  }
  const candidates = (): ControlCandidate[] =>
    links.map((link) => ({ link, isCurrent: link.isCurrent, isAlive: link.isAlive }));
  const run = (milliseconds: number) => {
    for (const until = clock.now + milliseconds; clock.now < until; clock.now += 20) {
      for (const answer of answers.splice(0)) {
        answer();
      }
      control.choose(clock.now, candidates());
      control.poll(clock.now);
    }
  };
  return { control, run, delivered };
}

function action(control: ControlLane): void {
  control.send({ kind: 'action', action: new Uint8Array([1]) });
}

describe('Control', () => {
  test('goes down the link that carries the game, whichever is newer', () => {
    const current = new FakeLink();
    current.isCurrent = true;
    const newer = new FakeLink();
    const { control, run } = lane(current, newer);
    run(100);
    action(control);
    run(1_000);
    expect(current.sent).toContain('message');
    expect(newer.sent).toEqual([]);
  });

  test('moves off a link that owes an answer while another brings snapshots', () => {
    const current = new FakeLink();
    current.isCurrent = true;
    const other = new FakeLink();
    const { control, run } = lane(current, other);
    run(3_000);
    current.isDead = true;
    action(control);
    run(580);
    expect(other.sent).toEqual([]);
    run(60);
    expect(other.sent).toContain('message');
    action(control);
    run(100);
    expect(other.sent.filter((kind) => kind === 'message')).toHaveLength(2);
  });

  test('finds out by itself within six seconds, though nothing is to be said', () => {
    const current = new FakeLink();
    current.isCurrent = true;
    const other = new FakeLink();
    const { run } = lane(current, other);
    run(3_000);
    current.isDead = true;
    run(6_000);
    expect(other.sent).toContain('ping');
  });

  test('stays where it is while no other link does better', () => {
    const current = new FakeLink();
    current.isCurrent = true;
    const other = new FakeLink();
    other.isAlive = false;
    const { control, run } = lane(current, other);
    run(3_000);
    current.isDead = true;
    action(control);
    run(8_000);
    expect(other.sent).toEqual([]);
  });

  test('gives a slow path its time', () => {
    const current = new FakeLink();
    current.isCurrent = true;
    const other = new FakeLink();
    const { control, run } = lane(current, other);
    control.setRoundTrip(500);
    run(3_000);
    current.isDead = true;
    action(control);
    run(1_900);
    expect(other.sent).toEqual([]);
    run(200);
    expect(other.sent).toContain('message');
  });

  test('returns to a link that answers again', () => {
    const current = new FakeLink();
    current.isCurrent = true;
    const other = new FakeLink();
    const { control, run } = lane(current, other);
    run(3_000);
    current.isDead = true;
    action(control);
    run(1_000);
    current.isDead = false;
    current.onAnswer({ kind: 'pong', number: 1 });
    run(100);
    current.sent.length = 0;
    action(control);
    run(100);
    expect(current.sent).toContain('message');
  });

  test('does not count the time in which the page stood still', () => {
    const current = new FakeLink();
    current.isCurrent = true;
    const other = new FakeLink();
    const { control, run } = lane(current, other);
    run(3_000);
    current.isDead = true;
    action(control);
    control.excuse(1_000);
    run(1_500);
    expect(other.sent).toEqual([]);
    run(200);
    expect(other.sent).toContain('message');
  });
});
