/**
 * One session from the join's answer to its end: connection and play, put together. A client holds
 * one at a time, and takes another when the first is over.
 */

import type { GameAdapter, Sample } from './adapter.ts';
import { ConnectError } from './connect-error.ts';
import { type DatagramListener, DatagramTap } from './datagram-tap.ts';
import type { ReportError } from './error-reporter.ts';
import type { Welcomed } from './events.ts';
import { FrameCost } from './frame-cost.ts';
import type { Host } from './host.ts';
import type { Admission } from './net/admission/join.ts';
import { SessionCheck } from './net/admission/session-check.ts';
import { Connection } from './net/connection/connection.ts';
import type { Receipt } from './net/connection/connection-events.ts';
import type { SessionOver } from './net/connection/session-end.ts';
import type { NetworkEmulator } from './net/emulator/network-emulator.ts';
import { readHint, writeHint } from './net/ladder/rung-hint.ts';
import type { WarmSession } from './net/transport/warm-session.ts';
import type { ClientMessage, ServerMessage } from './protocol/control.ts';
import type { ReceivedDatagram } from './received-datagram.ts';
import type { RungKind, RungOffer } from './rung.ts';
import { SessionHealth } from './session-health.ts';
import type { LinkSigns } from './status-rule.ts';
import { Play } from './sync/play.ts';
import { Standstill } from './sync/standstill.ts';
import type { TraceRecorder } from './trace/recorder.ts';
import type { Writable } from './writable.ts';

/** What a session is made of. */
export interface SessionOptions<View, Input, Own> {
  readonly host: Host;
  readonly origin: string;
  readonly adapter: GameAdapter<View, Input, Own>;
  /** The join's answer, or its failure; links open meanwhile. */
  readonly admission: Promise<Admission>;
  readonly forced: RungKind | undefined;
  readonly emulator: NetworkEmulator | undefined;
  readonly warm: WarmSession | undefined;
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | undefined;
  /** Rungs known before the join, if any. */
  readonly offers: readonly RungOffer[] | undefined;
  readonly onDatagram: DatagramListener | undefined;
  readonly recorder: TraceRecorder;
  readonly report: ReportError;
}

/** What a session tells. Nothing any more after `ended`, `failed` or `close()`. */
export interface SessionEvents {
  admitted(admission: Admission): void;
  welcomed(welcome: Welcomed): void;
  event(tick: number, bytes: Uint8Array): void;
  /** The session has another token from now on. */
  renewed(token: string): void;
  /** The server ends in at most so many seconds. */
  draining(seconds: number): void;
  moved(from: RungKind | undefined, to: RungKind | undefined, why: string): void;
  /** The page stood still for so long up to now. */
  stood(milliseconds: number): void;
  /** The join came to nothing; `error` is a `ConnectError`, unless something is broken. */
  failed(error: unknown): void;
  /** The server has ended the session. */
  ended(over: SessionOver): void;
}

/** What a session knows of how it stands. */
export type SessionSigns = Omit<LinkSigns, 'returning'>;

/** The signs without any session. */
export const NO_SESSION: SessionSigns = {
  rung: undefined,
  hasPlayed: false,
  silence: 0,
  starved: 0,
  stood: 0,
  isFaulty: false,
};

/** How often {@link Session.poll} is to be called, in milliseconds; about once a tick. */
export const POLL_MS = 16;

/** A server that has answered within so long is there. */
const ANSWER_MS = 3_000;

/** So many snapshots in a row that can't be decoded are a mistake, no accident. */
const MANY_UNDECODABLE = 20;

/** How long a last message may take to leave before the links are closed. */
const PARTING_MS = 250;

/** One session. */
export class Session<View, Input, Own> {
  /** There from the join's answer on. */
  play: Play<View, Input, Own> | undefined;
  connection: Connection | undefined;
  readonly standstill = new Standstill(POLL_MS, (stood) => {
    this.connection?.excuse(stood);
    this.health.excuse(stood);
    this.play?.excuse(this.options.host.now(), stood);
    this.events.stood(stood);
  });
  readonly health: SessionHealth;
  readonly cost: FrameCost;
  private readonly options: SessionOptions<View, Input, Own>;
  private readonly events: SessionEvents;
  private token: Promise<string>;
  private readonly check: SessionCheck;
  private readonly tap: DatagramTap;
  private readonly receipt: Writable<Receipt> = {
    kind: 'nothing',
    roundTrip: undefined,
    isCongested: false,
  };
  private joined: Admission | undefined;
  private isOver = false;

  constructor(options: SessionOptions<View, Input, Own>, events: SessionEvents) {
    this.options = options;
    this.events = events;
    this.cost = new FrameCost(() => options.host.now());
    this.tap = new DatagramTap(options.onDatagram);
    this.health = new SessionHealth(options.report);
    const { admission } = options;
    this.check = new SessionCheck(options.host, options.origin, (over) => this.end(over));
    this.token = admission.then((admitted) => admitted.token);
    // Whoever waits for the token hears of a failure; so does `failed`, and that is enough.
    this.token.catch(() => undefined);
    this.offer(options.offers);
    admission.then(
      (admitted) => this.admit(admitted),
      (error: unknown) => this.fail(error),
    );
  }

  /** Opens links on these rungs, if the join's own aren't there yet. */
  offer(offers: readonly RungOffer[] | undefined): void {
    if (offers !== undefined && this.connection === undefined && !this.isOver) {
      this.connect(offers);
    }
  }

  /** Steps the game up to `now`. To be called each {@link POLL_MS}. */
  poll(now: number): void {
    this.cost.begin();
    this.standstill.look(now);
    this.connection?.poll(now);
    this.play?.advance(now);
    this.checkSession(now);
    this.checkHealth(now);
    this.cost.end();
  }

  /** What to draw at `now`; to be called once a frame. */
  sample(now: number): Sample<View, Own> | undefined {
    this.cost.begin();
    const sample = this.play?.sample(now);
    this.cost.end();
    this.cost.frame();
    return sample;
  }

  /** Whether messages can be sent, now or as soon as a link is there. */
  get isLive(): boolean {
    return !this.isOver && this.connection !== undefined;
  }

  /** How things are at `now`. */
  signs(now: number, isHidden: boolean): SessionSigns {
    const { play, connection, health, standstill } = this;
    const starvation = isHidden ? undefined : play?.meter.starvation;
    return {
      rung: connection?.rung,
      hasPlayed: play !== undefined && play.meter.snapshots > 0,
      silence: starvation?.silence(now) ?? 0,
      starved: starvation?.recentShare(now) ?? 0,
      stood: isHidden ? 0 : standstill.share(now),
      isFaulty: health.isFaulty,
    };
  }

  /** Sends a message, if there is room for it; says whether it will get there. */
  send(message: ClientMessage): boolean {
    return !this.isOver && this.connection?.sendMessage(message) === true;
  }

  /** Leaves for good: the seat is free at once. */
  leave(): void {
    this.part({ kind: 'leave' });
  }

  /** The page goes and may come back: the seat is kept for a while. */
  unload(): void {
    this.part({ kind: 'unload' });
  }

  /** Closes all links without a word. */
  close(): void {
    this.isOver = true;
    this.connection?.close();
  }

  /** While nothing comes on any link the server is asked whether the session is still there. */
  private checkSession(now: number): void {
    if (this.joined === undefined || this.isOver) {
      return;
    }
    if (this.connection?.isPaused === true) {
      this.check.heard(now);
    }
    this.check.poll(now, this.joined.token);
  }

  /** The links may be fine, and the game not: what is wrong with it is reported. */
  private checkHealth(now: number): void {
    const { connection, health } = this;
    const isExpecting = connection?.isAttached === true && !connection.isPaused && !this.isOver;
    if (isExpecting && health.isMissing(now)) {
      connection.ask();
    }
    const answeredAt = connection?.answeredAt ?? Number.NEGATIVE_INFINITY;
    health.poll(now, isExpecting, now - answeredAt < ANSWER_MS);
  }

  private part(word: ClientMessage): void {
    this.send(word);
    this.isOver = true;
    // Closed at once, WebTransport and WebRTC would drop the word.
    this.options.host.setTimer(() => this.connection?.close(), PARTING_MS);
  }

  private admit(admission: Admission): void {
    if (this.isOver) {
      return;
    }
    this.joined = admission;
    this.check.heard(this.options.host.now());
    this.events.admitted(admission);
    this.play = new Play(this.options.adapter, admission, (datagram, header) =>
      this.connection?.sendState(datagram, header),
    );
    if (this.connection === undefined) {
      this.connect(admission.rungs);
    } else {
      this.connection.setOffers(admission.rungs);
    }
    this.connection?.setInterval(1_000 / admission.snapshotRate);
    if (this.connection?.hasRungs === false) {
      this.fail(new ConnectError('unreachable', 'no rung that both server and browser have'));
    }
  }

  private connect(offers: readonly RungOffer[]): void {
    const { host, storage, origin, forced, emulator, warm, recorder } = this.options;
    const hint = readHint(storage, origin, host.wallClock());
    this.connection = new Connection(
      { host, offers, token: () => this.token, forced, emulator, warm, hint },
      {
        received: (datagram) => this.receive(datagram),
        sending: (now, link, rung, header, bytes) =>
          recorder.note(this.tap.up(now, link, rung, header, bytes)),
        message: (message) => this.onMessage(message),
        moved: (from, to, why) => this.onMoved(from, to, why),
        ended: (over) => this.end(over),
        woken: (now) => this.standstill.look(now),
      },
    );
  }

  private receive(datagram: ReceivedDatagram): Receipt {
    datagram.waited = this.standstill.waitedAt(datagram.at);
    const record = this.tap.down(datagram);
    this.cost.begin();
    const { receipt, play } = this;
    receipt.kind = 'nothing';
    if (!this.isOver && play !== undefined) {
      this.check.heard(datagram.at);
      this.standstill.heard();
      receipt.kind = play.receive(datagram);
      receipt.roundTrip = play.lane.path.roundTrip;
      receipt.isCongested = play.lane.congestion.isCongested;
      this.noteDecoding(datagram, play, receipt.kind);
    }
    if (receipt.kind !== 'nothing' && record !== undefined) {
      this.options.recorder.note(record);
    }
    this.cost.end();
    return receipt;
  }

  private noteDecoding(
    { at, snapshot }: ReceivedDatagram,
    { lane, meter }: Play<View, Input, Own>,
    kind: Receipt['kind'],
  ): void {
    const { undecodableInRow } = meter;
    if (kind === 'news') {
      this.health.decoded(at, snapshot.inputLead, lane.ackedTick !== undefined);
    } else if (kind === 'nothing' && undecodableInRow >= MANY_UNDECODABLE) {
      this.options.report('undecodable', `${undecodableInRow} snapshots in a row are undecodable`);
    }
  }

  private onMessage(message: ServerMessage): void {
    if (this.isOver || this.joined === undefined) {
      return;
    }
    switch (message.kind) {
      case 'welcome': {
        const { token, rungs, ...joined } = this.joined;
        this.events.welcomed({ ...joined, tick: message.tick, bytes: message.game });
        break;
      }
      case 'event':
        this.events.event(message.tick, message.event);
        break;
      case 'token':
        this.joined = { ...this.joined, token: message.token };
        this.token = Promise.resolve(message.token);
        this.events.renewed(message.token);
        break;
      case 'draining':
        this.events.draining(message.seconds);
        break;
    }
  }

  private onMoved(from: RungKind | undefined, to: RungKind | undefined, why: string): void {
    const { host, storage, origin } = this.options;
    if (to !== undefined) {
      writeHint(storage, origin, host.wallClock(), to);
    }
    this.play?.lane.congestion.forget();
    this.events.moved(from, to, why);
  }

  private fail(error: unknown): void {
    if (!this.isOver) {
      this.close();
      this.events.failed(error);
    }
  }

  private end(over: SessionOver): void {
    if (!this.isOver) {
      this.close();
      this.events.ended(over);
    }
  }
}
