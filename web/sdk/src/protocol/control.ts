/**
 * The Control lane: frames of one link, and the session's reliable messages that ride in them. A
 * frame is one value of at most {@link MAX_CONTROL_FRAME} bytes; the transport keeps frames apart.
 */

import { DecodeError, decode, type Reader, Writer } from './codec.ts';
import { MAX_CONTROL_FRAME } from './limits.ts';

/** Most bytes of a token. */
export const MAX_TOKEN = 256;

/** Most sockets that one WebSocket link may hold. */
export const MAX_STRIPES = 8;

/** Claims a seat for a link. On WebRTC the `Authorization` header of the offer does the same. */
export interface Attach {
  readonly token: string;
  /** The link's number: chosen by the client, new, with the key that all links of its session share. */
  readonly link: number;
  /** Which socket of a WebSocket bundle this is, from 0; 0 on other rungs. */
  readonly stripe: number;
}

/** How a client wants one link used for State. `active`: carries State, and Control if newest. */
export type LinkUse = 'standby' | 'active';
const LINK_USES: readonly LinkUse[] = ['standby', 'active'];

/** Why a side ends a link or the session, in the order of their numbers on the wire. */
const CLOSE_REASONS = [
  'left',
  'bad-token',
  'expired',
  'stale-link',
  'protocol-violation',
  'silent',
  'too-slow',
  'superseded',
  'shutting-down',
  'room-failed',
  'refused',
  'action-refused',
  'kicked',
  'room-ended',
  'backlogged',
] as const;

/**
 * `left`: the player left. `bad-token`: malformed, forged or for another node. `expired`: the token
 * or the session. `stale-link`: the link's number has been seen, or has a foreign key. `silent`: nothing
 * came in for too long. `too-slow`: the peer doesn't read. `superseded`: another link took over.
 * `refused`: the game gives the player no seat. `action-refused`: it takes no such action. `kicked`:
 * it has removed the player. `room-ended`: it has ended the room. `backlogged`: more messages wait
 * for the player than are kept.
 */
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** Reasons that carry a code of the game's own; 0 with `action-refused` if the bytes are no action. */
const CODED_REASONS: ReadonlySet<CloseReason> = new Set<CloseReason>([
  'refused',
  'action-refused',
  'kicked',
]);

/**
 * When a client that was sent away is to ask for a seat again, in milliseconds: `afterMs` from the
 * goodbye, and then each `everyMs` until it is answered. Zeros leave it to the client.
 */
export interface ReturnSlot {
  readonly afterMs: number;
  readonly everyMs: number;
}

/** A frame from server to client. */
export type ServerFrame =
  | { readonly kind: 'attached' }
  | {
      readonly kind: 'close';
      readonly reason: CloseReason;
      /** With `shutting-down` only. */
      readonly returnSlot?: ReturnSlot;
      /** The game's own, with `refused`, `action-refused` and `kicked` only. */
      readonly code?: number;
    }
  | { readonly kind: 'pong'; readonly number: number }
  | { readonly kind: 'message'; readonly sequence: number; readonly message: ServerMessage }
  | { readonly kind: 'ack'; readonly sequence: number };

/** A reliable message from server to client. */
export type ServerMessage =
  | ({ readonly kind: 'welcome' } & Welcome)
  | { readonly kind: 'event'; readonly tick: number; readonly event: Uint8Array }
  /** The session's token from now on. */
  | { readonly kind: 'token'; readonly token: string }
  /** The server ends in at most so many seconds. */
  | { readonly kind: 'draining'; readonly seconds: number };

/** What a client must know before its first snapshot makes sense. */
export interface Welcome {
  /** The room's present tick. */
  readonly tick: number;
  readonly tickRate: number;
  /** Snapshots a second; `tickRate` is a whole multiple. */
  readonly snapshotRate: number;
  /** Wall clock of the server at `tick`, in microseconds since 1970; never compared with ours. */
  readonly unixMicros: number;
  /** The game's own welcome. */
  readonly game: Uint8Array;
}

/** A frame from client to server. */
export type ClientFrame =
  | ({ readonly kind: 'attach' } & Attach)
  | { readonly kind: 'use'; readonly use: LinkUse }
  | { readonly kind: 'ping'; readonly number: number }
  | { readonly kind: 'message'; readonly sequence: number; readonly message: ClientMessage }
  | { readonly kind: 'ack'; readonly sequence: number }
  /** The page has just stood still for so many milliseconds, or longer. */
  | { readonly kind: 'stalled'; readonly millis: number };

/** A reliable message from client to server. `unload`: the page goes, perhaps to be loaded again. */
export type ClientMessage =
  | { readonly kind: 'hidden'; readonly hidden: boolean }
  | { readonly kind: 'action'; readonly action: Uint8Array }
  | { readonly kind: 'leave' }
  | { readonly kind: 'unload' };

/**
 * Decodes a frame from the server. Byte strings in it are views into `bytes`.
 *
 * @throws {@link DecodeError} when it is oversized or malformed.
 */
export function decodeServerFrame(bytes: Uint8Array): ServerFrame {
  return decode(bytes, MAX_CONTROL_FRAME, readServerFrame);
}

/** The bytes of a frame to the server. */
export function encodeClientFrame(frame: ClientFrame): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writeClientFrame(writer, frame);
  return writer.finish();
}

/** Decodes a frame from a client, as a server does. @throws {@link DecodeError} */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  return decode(bytes, MAX_CONTROL_FRAME, readClientFrame);
}

/** The bytes of a frame to a client, as a server makes them. */
export function encodeServerFrame(frame: ServerFrame): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writeServerFrame(writer, frame);
  return writer.finish();
}

/** Claims of an attach on their own, as the golden vectors have them. */
export function readAttach(reader: Reader): Attach {
  return { token: reader.string(MAX_TOKEN), link: reader.u64(), stripe: reader.u8() };
}

export function writeAttach(writer: Writer, attach: Attach): void {
  writer.string(attach.token).u64(attach.link).u8(attach.stripe);
}

function readServerFrame(reader: Reader): ServerFrame {
  switch (reader.variant(5)) {
    case 0:
      return { kind: 'attached' };
    case 1:
      return readClose(reader);
    case 2:
      return { kind: 'pong', number: reader.u32() };
    case 3:
      return { kind: 'message', sequence: reader.u32(), message: readServerMessage(reader) };
    default:
      return { kind: 'ack', sequence: reader.u32() };
  }
}

function readClose(reader: Reader): ServerFrame {
  const reason = item(CLOSE_REASONS, reader);
  if (reason === 'shutting-down') {
    return { kind: 'close', reason, returnSlot: { afterMs: reader.u16(), everyMs: reader.u16() } };
  }
  return CODED_REASONS.has(reason)
    ? { kind: 'close', reason, code: reader.u16() }
    : { kind: 'close', reason };
}

function readServerMessage(reader: Reader): ServerMessage {
  switch (reader.variant(4)) {
    case 0:
      return {
        kind: 'welcome',
        tick: reader.u32(),
        tickRate: reader.u16(),
        snapshotRate: reader.u16(),
        unixMicros: reader.u64(),
        game: reader.byteString(MAX_CONTROL_FRAME),
      };
    case 1:
      return { kind: 'event', tick: reader.u32(), event: reader.byteString(MAX_CONTROL_FRAME) };
    case 2:
      return { kind: 'token', token: reader.string(MAX_TOKEN) };
    default:
      return { kind: 'draining', seconds: reader.u16() };
  }
}

function writeClientFrame(writer: Writer, frame: ClientFrame): void {
  switch (frame.kind) {
    case 'attach':
      writeAttach(writer.variant(0), frame);
      break;
    case 'use':
      writer.variant(1).variant(LINK_USES.indexOf(frame.use));
      break;
    case 'ping':
      writer.variant(2).u32(frame.number);
      break;
    case 'message':
      writer.variant(3).u32(frame.sequence);
      writeClientMessage(writer, frame.message);
      break;
    case 'ack':
      writer.variant(4).u32(frame.sequence);
      break;
    case 'stalled':
      writer.variant(5).u16(frame.millis);
      break;
  }
}

function writeClientMessage(writer: Writer, message: ClientMessage): void {
  switch (message.kind) {
    case 'hidden':
      writer.variant(0).bool(message.hidden);
      break;
    case 'action':
      writer.variant(1).byteString(message.action);
      break;
    case 'leave':
      writer.variant(2);
      break;
    case 'unload':
      writer.variant(3);
      break;
  }
}

function readClientFrame(reader: Reader): ClientFrame {
  switch (reader.variant(6)) {
    case 0:
      return { kind: 'attach', ...readAttach(reader) };
    case 1:
      return { kind: 'use', use: item(LINK_USES, reader) };
    case 2:
      return { kind: 'ping', number: reader.u32() };
    case 3:
      return { kind: 'message', sequence: reader.u32(), message: readClientMessage(reader) };
    case 4:
      return { kind: 'ack', sequence: reader.u32() };
    default:
      return { kind: 'stalled', millis: reader.u16() };
  }
}

function readClientMessage(reader: Reader): ClientMessage {
  switch (reader.variant(4)) {
    case 0:
      return { kind: 'hidden', hidden: reader.bool() };
    case 1:
      return { kind: 'action', action: reader.byteString(MAX_CONTROL_FRAME) };
    case 2:
      return { kind: 'leave' };
    default:
      return { kind: 'unload' };
  }
}

function writeServerFrame(writer: Writer, frame: ServerFrame): void {
  switch (frame.kind) {
    case 'attached':
      writer.variant(0);
      break;
    case 'close':
      writeClose(writer.variant(1), frame);
      break;
    case 'pong':
      writer.variant(2).u32(frame.number);
      break;
    case 'message':
      writer.variant(3).u32(frame.sequence);
      writeServerMessage(writer, frame.message);
      break;
    case 'ack':
      writer.variant(4).u32(frame.sequence);
      break;
  }
}

function writeClose(writer: Writer, frame: Extract<ServerFrame, { kind: 'close' }>): void {
  const { reason, returnSlot, code } = frame;
  writer.variant(CLOSE_REASONS.indexOf(reason));
  if (reason === 'shutting-down') {
    writer.u16(returnSlot?.afterMs ?? 0).u16(returnSlot?.everyMs ?? 0);
  } else if (CODED_REASONS.has(reason)) {
    writer.u16(code ?? 0);
  }
}

function writeServerMessage(writer: Writer, message: ServerMessage): void {
  switch (message.kind) {
    case 'welcome':
      writer.variant(0).u32(message.tick).u16(message.tickRate).u16(message.snapshotRate);
      writer.u64(message.unixMicros).byteString(message.game);
      break;
    case 'event':
      writer.variant(1).u32(message.tick).byteString(message.event);
      break;
    case 'token':
      writer.variant(2).string(message.token);
      break;
    case 'draining':
      writer.variant(3).u16(message.seconds);
      break;
  }
}

function item<T>(items: readonly T[], reader: Reader): T {
  const value = items[reader.variant(items.length)];
  if (value === undefined) {
    throw new DecodeError('malformed', 'unknown variant');
  }
  return value;
}
