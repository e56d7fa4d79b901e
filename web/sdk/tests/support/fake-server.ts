/**
 * A server in a few lines, for tests in virtual time: sessions, links and a game of one number. It
 * follows `docs/protocol.md`; transports hand it bytes.
 */

import { Reader, Writer } from '../../src/protocol/codec.ts';
import type { ClientMessage, ReturnSlot } from '../../src/protocol/control.ts';
import {
  type CloseReason,
  decodeClientFrame,
  encodeServerFrame,
  type LinkUse,
  type ServerFrame,
  type ServerMessage,
} from '../../src/protocol/control.ts';
import {
  NO_INPUT,
  readDatagramHeader,
  writeDatagramHeader,
  writeSnapshotHeader,
} from '../../src/protocol/datagram.ts';
import { readInputBatch } from '../../src/protocol/input.ts';
import { Inbox, Outbox } from '../../src/protocol/reliable.ts';
import { StateLane } from '../../src/protocol/state-lane.ts';

export const TICK_RATE = 60;
export const SNAPSHOT_RATE = 20;
const TICKS_PER_SNAPSHOT = TICK_RATE / SNAPSHOT_RATE;

/** One socket, stream or channel pair, as the server holds it. */
export interface ServerSocket {
  readonly rung: string;
  state(bytes: Uint8Array): void;
  control(bytes: Uint8Array): void;
  /** Ends it, after what was sent before. */
  end(): void;
}

interface ServerLink {
  readonly id: number;
  readonly sockets: Map<number, ServerSocket>;
  use: LinkUse;
}

/** What a join asks for, as it is on the wire. */
export interface ServerWish {
  readonly name?: string;
  readonly room?: string;
  readonly visibility?: 'public' | 'private';
  readonly resume?: string;
  readonly or_new?: boolean;
  readonly identity?: string;
  readonly options?: unknown;
}

/** What a close carries beside its reason. */
interface CloseDetails {
  readonly returnSlot?: ReturnSlot;
  readonly code?: number;
}

export class ServerSession {
  readonly memory = new StateLane();
  readonly links: ServerLink[] = [];
  readonly received: ClientMessage[] = [];
  /** Standstills of the page that it told, in milliseconds. */
  readonly stalls: number[] = [];
  /** The rungs that messages came in on. */
  readonly receivedOn = new Set<string>();
  readonly inputs = new Map<number, number>();
  readonly baselines = new Map<number, number>();
  readonly outbox = new Outbox();
  readonly inbox = new Inbox<ClientMessage>();
  room = 'pond';
  visibility: 'public' | 'private' = 'public';
  readonly seenLinks = new Set<number>();
  isHidden = false;
  own = 0;
  lastInput = 0;
  newestInput: number | undefined;
  /** State datagrams that came in, and their bytes. */
  datagrams = 0;
  bytes = 0;
  lateInputs = 0;
  /** Inputs for ticks over a second ahead, which are refused. */
  earlyInputs = 0;
  /** Ticks since the first input for which none was there in time. */
  missedInputs = 0;

  get activeLinks(): ServerLink[] {
    return this.links.filter(({ use }) => use === 'active');
  }

  get controlSocket(): ServerSocket | undefined {
    const link = this.activeLinks.at(-1) ?? this.links.at(-1);
    const stripe = Math.min(...(link?.sockets.keys() ?? []));
    return link?.sockets.get(stripe);
  }
}

/** Serves any number of sessions; the clock is the caller's. */
export class FakeServer {
  readonly sessions = new Map<string, ServerSession>();
  readonly refused: string[] = [];
  /** While set, no snapshot is sent, as when all are over their budget. */
  isMute = false;
  /** While set, inputs are acknowledged and not taken, as when the game can't read them. */
  isDeaf = false;
  /** With this code the game refuses whoever attaches. */
  refusal: number | undefined;
  /** While it is down, nobody is answered. */
  isDown = false;
  /** Tokens of sessions that are over; a restart forgets them, too. */
  private readonly over = new Set<string>();
  private issued = 0;
  tick = 1_000;
  private readonly now: () => number;
  private readonly bySocket = new Map<ServerSocket, { session: ServerSession; link: ServerLink }>();

  constructor(now: () => number) {
    this.now = now;
  }

  /** The game's number at a tick, the same for all players. */
  static worldAt(tick: number): number {
    return tick * 2;
  }

  join(wish: ServerWish = {}): string {
    this.issued += 1;
    const token = `token-${this.issued}`;
    const session = new ServerSession();
    session.room = wish.room ?? 'pond';
    session.visibility = wish.visibility ?? (wish.room === undefined ? 'public' : 'private');
    this.sessions.set(token, session);
    this.say(session, {
      kind: 'welcome',
      tick: this.tick,
      tickRate: TICK_RATE,
      snapshotRate: SNAPSHOT_RATE,
      unixMicros: 0,
      game: new Uint8Array([42]),
    });
    return token;
  }

  /** Moves a seat to a new session, and gives its token; nothing when the seat is gone. */
  resume(token: string): string | undefined {
    const old = this.sessions.get(token);
    if (old === undefined) {
      return undefined;
    }
    this.end(token, 'superseded');
    const fresh = this.join(old);
    this.session.own = old.own;
    return fresh;
  }

  /** Ends a session and closes its links. */
  end(token: string, reason: CloseReason, more: CloseDetails = {}): void {
    const session = this.sessions.get(token);
    this.sessions.delete(token);
    this.over.add(token);
    for (const socket of (session?.links ?? []).flatMap(({ sockets }) => [...sockets.values()])) {
      this.close(socket, reason, more);
    }
  }

  /** Says goodbye to all, each with a slot, and is down. */
  shutDown(slots: (index: number) => ReturnSlot | undefined = () => undefined): void {
    for (const [index, token] of [...this.sessions.keys()].entries()) {
      const returnSlot = slots(index);
      this.end(token, 'shutting-down', returnSlot && { returnSlot });
    }
    this.crash();
  }

  /** Is down without a word. */
  crash(): void {
    this.isDown = true;
    this.forget();
    for (const socket of [...this.bySocket.keys()]) {
      if (socket.rung === 'websocket') {
        socket.end();
      }
    }
    this.bySocket.clear();
  }

  /** Whether a session of this token is over, and not forgotten. */
  isOver(token: string): boolean {
    return this.over.has(token);
  }

  /** The session of the only player, or the latest. */
  get session(): ServerSession {
    const session = [...this.sessions.values()].at(-1);
    if (session === undefined) {
      throw new Error('nobody has joined');
    }
    return session;
  }

  /** Forgets all sessions, as a restart does. */
  forget(): void {
    this.sessions.clear();
    this.over.clear();
  }

  event(tick: number, byte: number): void {
    this.say(this.session, { kind: 'event', tick, event: new Uint8Array([byte]) });
  }

  control(socket: ServerSocket, bytes: Uint8Array): void {
    const frame = decodeClientFrame(bytes);
    if (this.isDown) {
      return;
    }
    if (frame.kind === 'attach') {
      this.attach(socket, frame.token, frame.link, frame.stripe);
      return;
    }
    const held = this.bySocket.get(socket);
    if (held === undefined) {
      return;
    }
    const { session, link } = held;
    if (frame.kind === 'use') {
      link.use = frame.use;
    } else if (frame.kind === 'ping') {
      this.frame(socket, { kind: 'pong', number: frame.number });
    } else if (frame.kind === 'stalled') {
      session.stalls.push(frame.millis);
    } else if (frame.kind === 'ack') {
      session.outbox.acknowledge(frame.sequence);
    } else if (frame.kind === 'message') {
      session.inbox.accept(frame.sequence, frame.message, (message) => {
        session.received.push(message);
        session.receivedOn.add(socket.rung);
        session.isHidden = message.kind === 'hidden' ? message.hidden : session.isHidden;
      });
      this.frame(socket, { kind: 'ack', sequence: session.inbox.delivered });
    }
  }

  state(socket: ServerSocket, bytes: Uint8Array): void {
    const session = this.bySocket.get(socket)?.session;
    if (session === undefined) {
      return;
    }
    session.datagrams += 1;
    session.bytes += bytes.length;
    const reader = new Reader(bytes);
    const header = readDatagramHeader(reader);
    const batch = readInputBatch(reader, (input) => input.i8());
    reader.end();
    if (session.memory.receiveDatagram(this.now(), header) === 'duplicate') {
      return;
    }
    if (this.isDeaf) {
      return;
    }
    batch.inputs.forEach((input, back) => {
      const tick = batch.newest - back;
      if (tick > this.tick + TICK_RATE) {
        session.earlyInputs += 1;
      } else if (tick > this.tick) {
        session.inputs.set(tick, input);
      } else if (session.newestInput === undefined || tick > session.newestInput) {
        session.lateInputs += 1;
      }
    });
    if (batch.newest <= this.tick + TICK_RATE) {
      session.newestInput = Math.max(session.newestInput ?? 0, batch.newest);
    }
  }

  attach(socket: ServerSocket, token: string, id: number, stripe: number): void {
    const session = this.sessions.get(token);
    const link = session?.links.find((known) => known.id === id);
    if (this.refusal !== undefined) {
      this.close(socket, 'refused', { code: this.refusal });
    } else if (session === undefined) {
      this.close(socket, this.over.has(token) ? 'expired' : 'bad-token');
    } else if (link !== undefined) {
      link.sockets.set(stripe, socket);
      this.bySocket.set(socket, { session, link });
      this.frame(socket, { kind: 'attached' });
    } else if (session.seenLinks.has(id)) {
      this.close(socket, 'stale-link');
    } else {
      const fresh: ServerLink = { id, sockets: new Map([[stripe, socket]]), use: 'active' };
      session.seenLinks.add(id);
      session.links.push(fresh);
      this.bySocket.set(socket, { session, link: fresh });
      this.frame(socket, { kind: 'attached' });
      this.resend(session);
      this.sendSnapshot(session);
    }
  }

  /** The socket is gone. */
  detach(socket: ServerSocket): void {
    const held = this.bySocket.get(socket);
    this.bySocket.delete(socket);
    if (held === undefined) {
      return;
    }
    const { session, link } = held;
    for (const [stripe, other] of [...link.sockets]) {
      if (other === socket) {
        link.sockets.delete(stripe);
      }
    }
    if (link.sockets.size === 0) {
      session.links.splice(session.links.indexOf(link), 1);
    }
    this.resend(session);
  }

  close(socket: ServerSocket, reason: CloseReason, more: CloseDetails = {}): void {
    this.refused.push(reason);
    this.frame(socket, { kind: 'close', reason, ...more });
    socket.end();
    this.detach(socket);
  }

  /** One tick: steps each player's number, and sends snapshots when they are due. */
  step(): void {
    this.tick += 1;
    for (const session of this.sessions.values()) {
      session.missedInputs +=
        session.newestInput !== undefined && !session.inputs.has(this.tick) ? 1 : 0;
      session.lastInput = session.inputs.get(this.tick) ?? session.lastInput;
      session.own += session.lastInput;
      if (this.tick % TICKS_PER_SNAPSHOT === 0 && !session.isHidden) {
        this.sendSnapshot(session);
      }
    }
  }

  private sendSnapshot(session: ServerSession): void {
    if (this.isMute) {
      return;
    }
    const acked = session.memory.ackedTick;
    const baseline = acked === undefined ? undefined : session.baselines.get(acked);
    const writer = new Writer();
    const header = session.memory.sendDatagram(this.now(), this.tick);
    writeDatagramHeader(writer, header);
    writeSnapshotHeader(writer, {
      tick: this.tick,
      baselineAge: baseline === undefined || acked === undefined ? 0 : this.tick - acked,
      inputLead:
        session.newestInput === undefined
          ? NO_INPUT
          : Math.max(-127, Math.min(127, session.newestInput - this.tick)),
    });
    const world = FakeServer.worldAt(this.tick);
    writer.i32(world - (baseline ?? 0)).i32(session.own);
    session.baselines.set(this.tick, world);
    for (const link of session.activeLinks) {
      const sockets = [...link.sockets].sort(([a], [b]) => a - b).map(([, socket]) => socket);
      sockets[header.sequence % sockets.length]?.state(writer.finish());
    }
  }

  private say(session: ServerSession, message: ServerMessage): void {
    const frame = session.outbox.push((sequence) =>
      encodeServerFrame({ kind: 'message', sequence, message }),
    );
    if (frame !== undefined) {
      session.controlSocket?.control(frame);
    }
  }

  private resend(session: ServerSession): void {
    for (const frame of session.outbox.unacknowledged) {
      session.controlSocket?.control(frame);
    }
  }

  private frame(socket: ServerSocket, frame: ServerFrame): void {
    socket.control(encodeServerFrame(frame));
  }
}
