import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decode, type Reader, Writer } from '../../src/protocol/codec.ts';
import {
  type ClientFrame,
  type ClientMessage,
  type CloseReason,
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  readAttach,
  type ServerFrame,
  type ServerMessage,
  writeAttach,
} from '../../src/protocol/control.ts';
import {
  readDatagramHeader,
  readSnapshotHeader,
  writeDatagramHeader,
  writeSnapshotHeader,
} from '../../src/protocol/datagram.ts';
import { MAX_DATAGRAM } from '../../src/protocol/limits.ts';

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly value: unknown;
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../tests/golden/protocol.json', import.meta.url), 'utf8'),
) as Record<string, Vector[]>;

/** Checks one type's vectors: decode and compare with Rust's value, encode and compare bytes. */
function check<T>(
  type: string,
  read: (bytes: Uint8Array) => T,
  write: (value: T) => Uint8Array,
  describeValue: (value: T) => unknown,
): void {
  describe(type, () => {
    const vectors = golden[type] ?? [];
    test('has vectors', () => {
      expect(vectors.length).toBeGreaterThan(0);
    });
    test.each(vectors)('$name $hex', ({ hex, value }) => {
      const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
      const decoded = read(bytes);
      expect(describeValue(decoded)).toEqual(value);
      expect(Buffer.from(write(decoded)).toString('hex')).toBe(hex);
      for (let length = 0; length < bytes.length; length += 1) {
        expect(() => read(bytes.subarray(0, length))).toThrow(/cut off|allowed/);
      }
      expect(() => read(new Uint8Array([...bytes, 0]))).toThrow('behind the end');
    });
  });
}

function framed<T>(read: (reader: Reader) => T): (bytes: Uint8Array) => T {
  return (bytes) => decode(bytes, MAX_DATAGRAM, read);
}

function written<T>(write: (writer: Writer, value: T) => void): (value: T) => Uint8Array {
  return (value) => {
    const writer = new Writer(1);
    write(writer, value);
    return writer.finish();
  };
}

check('DatagramHeader', framed(readDatagramHeader), written(writeDatagramHeader), (header) => ({
  sequence: header.sequence,
  ack: header.ack,
  ack_bits: header.ackBits,
  ack_delay: header.ackDelay,
}));
check('SnapshotHeader', framed(readSnapshotHeader), written(writeSnapshotHeader), (header) => ({
  tick: header.tick,
  baseline_age: header.baselineAge,
  input_lead: header.inputLead,
}));
check('Attach', framed(readAttach), written(writeAttach), (attach) => attach);
check('ServerFrame', decodeServerFrame, encodeServerFrame, rustServerFrame);
check('ClientFrame', decodeClientFrame, encodeClientFrame, rustClientFrame);

function rustServerFrame(frame: ServerFrame): unknown {
  switch (frame.kind) {
    case 'attached':
      return 'Attached';
    case 'close':
      return { Close: rustClose(frame) };
    case 'pong':
      return { Pong: frame.number };
    case 'ack':
      return { Ack: frame.sequence };
    case 'message':
      return {
        Message: { sequence: frame.sequence, message: rustServerMessage(frame.message) },
      };
  }
}

function rustClose({ reason, returnSlot, code }: Extract<ServerFrame, { kind: 'close' }>): unknown {
  if (returnSlot !== undefined) {
    return { ShuttingDown: { after_ms: returnSlot.afterMs, every_ms: returnSlot.everyMs } };
  }
  return code === undefined ? rustName(reason) : { [rustName(reason)]: code };
}

function rustServerMessage(message: ServerMessage): unknown {
  if (message.kind === 'event') {
    return { Event: { tick: message.tick, event: hexOf(message.event) } };
  }
  if (message.kind === 'token') {
    return { Token: message.token };
  }
  if (message.kind === 'draining') {
    return { Draining: message.seconds };
  }
  return {
    Welcome: {
      tick: message.tick,
      tick_rate: message.tickRate,
      snapshot_rate: message.snapshotRate,
      unix_micros: message.unixMicros,
      game: hexOf(message.game),
    },
  };
}

function rustClientFrame(frame: ClientFrame): unknown {
  switch (frame.kind) {
    case 'attach':
      return { Attach: { token: frame.token, link: frame.link, stripe: frame.stripe } };
    case 'use':
      return { Use: frame.use === 'active' ? 'Active' : 'Standby' };
    case 'ping':
      return { Ping: frame.number };
    case 'ack':
      return { Ack: frame.sequence };
    case 'stalled':
      return { Stalled: frame.millis };
    case 'message':
      return {
        Message: { sequence: frame.sequence, message: rustClientMessage(frame.message) },
      };
  }
}

function rustClientMessage(message: ClientMessage): unknown {
  switch (message.kind) {
    case 'hidden':
      return { Hidden: message.hidden };
    case 'action':
      return { Action: hexOf(message.action) };
    case 'leave':
      return 'Leave';
    case 'unload':
      return 'Unload';
  }
}

/** `bad-token` → `BadToken`. */
function rustName(reason: CloseReason): string {
  return reason.replace(/(^|-)(\w)/g, (_, _hyphen, letter: string) => letter.toUpperCase());
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
