/**
 * A room of twelve as a game would have it, for measuring: circles that all move, two hundred things
 * that lie about, a figure of one's own in integers. Its bytes are its own; it is no game's wire.
 */

import type { GameAdapter } from '../src/adapter.ts';
import { Writer } from '../src/protocol/codec.ts';
import {
  NOTHING_RECEIVED,
  writeDatagramHeader,
  writeSnapshotHeader,
} from '../src/protocol/datagram.ts';

const CIRCLES = 12;
const THINGS = 256;

/** One player's view, in flat arrays. */
export class View {
  readonly own = { x: 0, y: 0, vx: 0, vy: 0 };
  readonly x = new Int16Array(CIRCLES);
  readonly y = new Int16Array(CIRCLES);
  readonly radius = new Uint16Array(CIRCLES);
  readonly things = new Uint8Array(THINGS);
  readonly thingX = new Int16Array(THINGS);
  readonly thingY = new Int16Array(THINGS);

  copyFrom(other: View): void {
    Object.assign(this.own, other.own);
    this.x.set(other.x);
    this.y.set(other.y);
    this.radius.set(other.radius);
    this.things.set(other.things);
    this.thingX.set(other.thingX);
    this.thingY.set(other.thingY);
  }
}

interface Own {
  x: number;
  y: number;
  vx: number;
  vy: number;
}

/** What a player does in a tick. */
export interface Input {
  readonly x: number;
  readonly y: number;
}

export const adapter: GameAdapter<View, Input, Own> = {
  emptyView: new View(),
  neutralInput: { x: 0, y: 0 },
  decodeDelta: (reader, baseline, reuse) => {
    const view = reuse ?? new View();
    view.copyFrom(baseline);
    view.own.x = reader.i32();
    view.own.y = reader.i32();
    view.own.vx = reader.i32();
    view.own.vy = reader.i32();
    for (let left = reader.length(CIRCLES); left > 0; left -= 1) {
      const seat = reader.u8();
      view.x[seat] = (view.x[seat] ?? 0) + reader.i16();
      view.y[seat] = (view.y[seat] ?? 0) + reader.i16();
      view.radius[seat] = (view.radius[seat] ?? 0) + reader.i16();
    }
    for (let left = reader.length(THINGS); left > 0; left -= 1) {
      const slot = reader.u8();
      view.things[slot] = 1;
      view.thingX[slot] = reader.i16();
      view.thingY[slot] = reader.i16();
    }
    return view;
  },
  encodeInput: (writer, input) => void writer.i8(input.x).i8(input.y),
  prediction: {
    own: (view) => view.own,
    step: (own, input) => {
      const vx = own.vx + (((input.x * 12 - own.vx) * 40) >> 8);
      const vy = own.vy + (((input.y * 12 - own.vy) * 40) >> 8);
      return { x: own.x + vx, y: own.y + vy, vx, vy };
    },
    position: (own) => own,
    unitsPerPixel: 256,
  },
  playerCount: () => CIRCLES,
};

/** A snapshot and when it is due, in milliseconds. */
export interface Due {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** So many seconds of snapshots at 60 ticks a second, each against the one two before it. */
export function snapshots(seconds: number, sends: (tick: number) => boolean): Due[] {
  const due: Due[] = [];
  const sent: number[] = [];
  for (let tick = 60; tick < 60 + seconds * 60; tick += 1) {
    if (!sends(tick)) {
      continue;
    }
    const writer = new Writer(256);
    const sequence = sent.length & 0xffff;
    const baseline = sent.at(-2);
    writeDatagramHeader(writer, { sequence, ack: 0, ackBits: 0, ackDelay: NOTHING_RECEIVED });
    const baselineAge = baseline === undefined ? 0 : tick - baseline;
    writeSnapshotHeader(writer, { tick, baselineAge, inputLead: 2 });
    writer
      .i32(tick * 300)
      .i32(tick * 200)
      .i32(300)
      .i32(200);
    const circles = Array.from({ length: CIRCLES }, (_, seat) => seat);
    writer.list(circles, (out, seat) => {
      out
        .u8(seat)
        .i16((seat % 5) - 2)
        .i16((tick % 7) - 3)
        .i16(tick % 2);
    });
    const things = tick % 9 === 0 ? [tick & 0xff, (tick * 7) & 0xff] : [];
    writer.list(things, (out, slot) => {
      out
        .u8(slot)
        .i16(tick % 900)
        .i16(-(tick % 700));
    });
    sent.push(tick);
    due.push({ at: (tick * 1_000) / 60, bytes: writer.finish() });
  }
  return due;
}
