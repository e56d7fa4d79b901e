/**
 * A browser and a network in virtual time: WebSocket, WebTransport, WebRTC and fetch, all leading to
 * one {@link FakeServer}. Runs on Vitest's fake timers.
 */

import { vi } from 'vitest';
import type { Host } from '../../src/host.ts';
import { FrameSplitter, withLength } from '../../src/net/framing.ts';
import { seededRandom } from '../../src/random.ts';
import type { RungKind } from '../../src/rung.ts';
import { FakeServer, type ServerSocket, SNAPSHOT_RATE, TICK_RATE } from './fake-server.ts';
import { FakeThread } from './fake-thread.ts';

/** One way in milliseconds; all rungs share the path. */
export interface Weather {
  delay: number;
  /** Share of datagrams lost; streams are not. */
  loss: number;
}

type Buffer = Uint8Array<ArrayBuffer>;

/** The world of one test. */
export class FakeNetwork {
  readonly server = new FakeServer(() => performance.now());
  readonly weather: Weather = { delay: 25, loss: 0 };
  /** What goes nowhere: packets of these rungs vanish. */
  readonly blackholed = new Set<RungKind>();
  /** What the browser doesn't have. */
  readonly missing = new Set<RungKind>();
  /** One-way trips until a rung is open. */
  readonly trips: Record<RungKind, number> = { webtransport: 3, webrtc: 8, websocket: 5 };
  readonly thread = new FakeThread();
  readonly sockets: FakeWebSocket[] = [];
  readonly storage = new Map<string, string>();
  readonly requests: string[] = [];
  joinStatus = 200;
  /** While stalled, the server's time stands still and is given up. */
  isServerStalled = false;
  hidden = false;
  offersBeforeJoin = true;
  /** What `/v1/rungs` says. */
  protocolBeforeJoin = 1;
  websocketUrlBeforeJoin = 'wss://play.example/v1/websocket';
  private readonly random = seededRandom(9);
  private readonly visibility = new Set<() => void>();
  private readonly networkChange = new Set<() => void>();
  private readonly unload = new Set<() => void>();

  constructor() {
    vi.useFakeTimers();
    setInterval(() => {
      if (!this.isServerStalled) {
        this.server.step();
      }
    }, 1_000 / TICK_RATE);
  }

  get host(): Host {
    const has = (rung: RungKind) => !this.missing.has(rung);
    return {
      now: () => performance.now(),
      setTimer: (callback, delay) => {
        let isCancelled = false;
        const run = () => (isCancelled ? undefined : callback());
        const timer = setTimeout(() => this.thread.run(run, true), delay);
        return () => {
          isCancelled = true;
          clearTimeout(timer);
        };
      },
      random: this.random,
      fetch: (url, init) => this.fetch(url, init),
      openWebSocket: has('websocket')
        ? (url) => {
            const socket = new FakeWebSocket(this, url);
            this.sockets.push(socket);
            return socket as unknown as WebSocket;
          }
        : undefined,
      openWebTransport: has('webtransport')
        ? () => new FakeWebTransport(this) as unknown as WebTransport
        : undefined,
      openPeerConnection: has('webrtc')
        ? () => new FakePeerConnection(this) as unknown as RTCPeerConnection
        : undefined,
      storage: {
        getItem: (key) => this.storage.get(key) ?? null,
        setItem: (key, value) => void this.storage.set(key, value),
      },
      origin: 'https://play.example',
      wallClock: () => Date.now(),
      isHidden: () => this.hidden,
      onVisibility: (handler) => subscribe(this.visibility, handler),
      onNetworkChange: (handler) => subscribe(this.networkChange, handler),
      onUnload: (handler) => subscribe(this.unload, handler),
    };
  }

  setHidden(hidden: boolean): void {
    this.hidden = hidden;
    for (const handler of this.visibility) {
      handler();
    }
  }

  /** The device says that it is on another network. */
  changeNetwork(): void {
    for (const handler of this.networkChange) {
      handler();
    }
  }

  /** The page is closed. */
  closePage(): void {
    for (const handler of [...this.unload]) {
      handler();
    }
  }

  /** Runs the world for so many milliseconds. */
  async run(milliseconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(milliseconds);
  }

  /** The page's main thread is busy for so many milliseconds. */
  async block(milliseconds: number): Promise<void> {
    await this.thread.block(
      () => this.run(milliseconds),
      () => this.run(0),
    );
  }

  /** Carries something to the page: reliably, in order of sending. */
  carryDown(rung: RungKind, deliver: () => void): void {
    this.carry(rung, () => this.thread.run(deliver));
  }

  /** Carries a datagram to the page, if it isn't lost. */
  carryDatagramDown(rung: RungKind, deliver: () => void): void {
    this.carryDatagram(rung, () => this.thread.run(deliver));
  }

  /** Carries something one way: reliably, in order of sending. */
  carry(rung: RungKind, deliver: () => void): void {
    setTimeout(() => {
      if (!this.blackholed.has(rung)) {
        deliver();
      }
    }, this.weather.delay);
  }

  /** Carries a datagram one way, if it isn't lost. */
  carryDatagram(rung: RungKind, deliver: () => void): void {
    if (this.random() >= this.weather.loss) {
      this.carry(rung, deliver);
    }
  }

  private async fetch(url: string, init: RequestInit): Promise<Response> {
    const { pathname, searchParams } = new URL(url);
    this.requests.push(pathname);
    await new Promise((resolve) => setTimeout(resolve, 2 * this.weather.delay));
    init.signal?.throwIfAborted();
    if (pathname === '/v1/rungs') {
      return this.offersBeforeJoin
        ? json(200, { protocol: this.protocolBeforeJoin, rungs: this.rungsBeforeJoin() })
        : json(404, { title: 'not found' });
    }
    if (pathname === '/v1/join') {
      return this.join();
    }
    const headers = new Headers(init.headers);
    const token = headers.get('authorization')?.replace('Bearer ', '') ?? '';
    if (!this.server.sessions.has(token)) {
      return json(401, { title: 'bad token' });
    }
    return new Response(`answer ${token} ${searchParams.get('link')}`, { status: 201 });
  }

  private rungsBeforeJoin(): unknown[] {
    return RUNGS_JSON.map((rung) =>
      rung.kind === 'websocket' ? { ...rung, url: this.websocketUrlBeforeJoin } : rung,
    );
  }

  private join(): Response {
    if (this.joinStatus !== 200) {
      return json(this.joinStatus, { title: 'room full', detail: 'The room is full.' });
    }
    const token = this.server.join();
    return json(200, {
      session: token,
      token,
      room: 'pond',
      player: 'ada',
      tick_rate: TICK_RATE,
      snapshot_rate: SNAPSHOT_RATE,
      rungs: RUNGS_JSON,
    });
  }
}

const RUNGS_JSON = [
  { kind: 'webtransport', url: 'https://play.example/v1/webtransport', certificate_hashes: [] },
  { kind: 'webrtc', url: 'https://play.example/v1/webrtc', ice_servers: [] },
  { kind: 'websocket', url: 'wss://play.example/v1/websocket' },
  { kind: 'carrier-pigeon', url: 'rfc1149:' },
];

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status });
}

function subscribe(handlers: Set<() => void>, handler: () => void): () => void {
  handlers.add(handler);
  return () => handlers.delete(handler);
}

/** A WebSocket whose bytes take their time. */
export class FakeWebSocket {
  binaryType = 'blob';
  readyState = 0;
  bufferedAmount = 0;
  /** While stuck, what is sent stays in the buffer. */
  isStuck = false;
  readonly sent: Buffer[] = [];
  private isBroken = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  private readonly network: FakeNetwork;
  private readonly peer: ServerSocket;

  constructor(network: FakeNetwork, url: string) {
    this.network = network;
    this.peer = {
      rung: 'websocket',
      state: (bytes) => this.deliver(0, bytes),
      control: (bytes) => this.deliver(1, bytes),
      end: () => network.carry('websocket', () => this.fail()),
    };
    const handshake = network.trips.websocket * network.weather.delay;
    setTimeout(() => {
      const isHere = url.includes('play.example') && !network.blackholed.has('websocket');
      if (this.readyState === 0 && isHere) {
        this.readyState = 1;
        this.onopen?.();
      }
    }, handshake);
  }

  send(data: Buffer): void {
    if (this.readyState !== 1) {
      throw new Error('not open');
    }
    this.sent.push(data);
    if (this.isStuck) {
      this.bufferedAmount += data.length;
      return;
    }
    const payload = data.slice(1);
    this.network.carry('websocket', () => {
      if (this.isBroken) {
        return;
      }
      if (data[0] === 0) {
        this.network.server.state(this.peer, payload);
      } else {
        this.network.server.control(this.peer, payload);
      }
    });
  }

  close(): void {
    if (this.readyState < 2) {
      this.readyState = 3;
      this.network.carry('websocket', () => this.network.server.detach(this.peer));
    }
  }

  /** The connection breaks under both ends. */
  fail(): void {
    if (this.readyState < 2) {
      this.readyState = 3;
      this.isBroken = true;
      this.network.server.detach(this.peer);
      this.onclose?.({ code: 1006, reason: '' });
    }
  }

  private deliver(tag: number, payload: Uint8Array): void {
    const data = new Uint8Array([tag, ...payload]).buffer;
    this.network.carryDown('websocket', () => {
      if (this.readyState === 1) {
        this.onmessage?.({ data });
      }
    });
  }
}

/** A WebTransport session on web streams. */
class FakeWebTransport {
  readonly ready: Promise<void>;
  readonly closed: Promise<{ reason: string }>;
  readonly datagrams: { readable: ReadableStream<Buffer>; writable: WritableStream<Buffer> };
  private readonly network: FakeNetwork;
  private readonly peer: ServerSocket;
  private control: ReadableStreamDefaultController<Buffer> | undefined;
  private settleClosed: (info: { reason: string }) => void = () => undefined;
  private isClosed = false;

  constructor(network: FakeNetwork) {
    this.network = network;
    this.ready = new Promise((resolve) =>
      setTimeout(() => {
        if (!network.blackholed.has('webtransport')) {
          resolve();
        }
      }, network.trips.webtransport * network.weather.delay),
    );
    this.closed = new Promise((resolve) => {
      this.settleClosed = resolve;
    });
    let incoming: ReadableStreamDefaultController<Buffer> | undefined;
    this.datagrams = {
      readable: new ReadableStream<Buffer>({
        start: (controller) => {
          incoming = controller;
        },
      }),
      writable: new WritableStream<Buffer>({
        write: (bytes) =>
          network.carryDatagram('webtransport', () => network.server.state(this.peer, bytes)),
      }),
    };
    this.peer = {
      rung: 'webtransport',
      state: (bytes) =>
        network.carryDatagramDown('webtransport', () => {
          if (!this.isClosed) {
            incoming?.enqueue(new Uint8Array(bytes));
          }
        }),
      control: (bytes) =>
        network.carryDown('webtransport', () => {
          if (!this.isClosed) {
            this.control?.enqueue(withLength(bytes));
          }
        }),
      end: () => network.carry('webtransport', () => this.close()),
    };
  }

  createBidirectionalStream(): Promise<unknown> {
    const splitter = new FrameSplitter();
    return Promise.resolve({
      readable: new ReadableStream<Buffer>({
        start: (controller) => {
          this.control = controller;
        },
      }),
      writable: new WritableStream<Buffer>({
        write: (bytes) =>
          this.network.carry('webtransport', () => {
            for (const frame of splitter.push(bytes)) {
              this.network.server.control(this.peer, frame);
            }
          }),
      }),
    });
  }

  close(): void {
    if (!this.isClosed) {
      this.isClosed = true;
      this.settleClosed({ reason: '' });
      this.network.carry('webtransport', () => this.network.server.detach(this.peer));
    }
  }
}

/** A peer connection with the two channels of the protocol. */
class FakePeerConnection {
  connectionState = 'new';
  localDescription: { sdp: string } | null = null;
  onconnectionstatechange: (() => void) | null = null;
  private readonly network: FakeNetwork;
  private readonly channels: FakeChannel[] = [];

  constructor(network: FakeNetwork) {
    this.network = network;
  }

  createDataChannel(label: string, options: { id: number; maxRetransmits?: number }): FakeChannel {
    const channel = new FakeChannel(this.network, options.id);
    this.channels.push(channel);
    if (label === 'state' && options.maxRetransmits !== 0) {
      throw new Error('the State lane must not retransmit');
    }
    return channel;
  }

  createOffer(): Promise<{ sdp: string }> {
    return Promise.resolve({ sdp: 'offer' });
  }

  setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
    return Promise.resolve();
  }

  setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    const [, token = '', link = ''] = sdp.split(' ');
    setTimeout(
      () => this.open(token, Number(link)),
      this.network.trips.webrtc * this.network.weather.delay,
    );
    return Promise.resolve();
  }

  close(): void {
    for (const channel of this.channels) {
      channel.shut();
    }
  }

  private open(token: string, link: number): void {
    const [state, control] = this.channels;
    if (this.network.blackholed.has('webrtc') || state === undefined || control === undefined) {
      return;
    }
    const peer: ServerSocket = {
      rung: 'webrtc',
      state: (bytes) => this.network.carryDatagramDown('webrtc', () => state.receive(bytes)),
      control: (bytes) => this.network.carryDown('webrtc', () => control.receive(bytes)),
      end: () => this.network.carry('webrtc', () => state.fail()),
    };
    state.open(peer);
    control.open(peer);
    this.network.server.attach(peer, token, link, 0);
  }
}

class FakeChannel {
  binaryType = 'blob';
  readyState = 'connecting';
  bufferedAmount = 0;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  private readonly network: FakeNetwork;
  private readonly id: number;
  private peer: ServerSocket | undefined;

  constructor(network: FakeNetwork, id: number) {
    this.network = network;
    this.id = id;
  }

  open(peer: ServerSocket): void {
    this.peer = peer;
    this.readyState = 'open';
    this.onopen?.();
  }

  send(data: Uint8Array): void {
    const { peer } = this;
    const bytes = new Uint8Array(data);
    if (peer === undefined) {
      throw new Error('not open');
    }
    if (this.id === 0) {
      this.network.carryDatagram('webrtc', () => this.network.server.state(peer, bytes));
    } else {
      this.network.carry('webrtc', () => this.network.server.control(peer, bytes));
    }
  }

  receive(bytes: Uint8Array): void {
    if (this.readyState === 'open') {
      this.onmessage?.({ data: new Uint8Array(bytes).buffer });
    }
  }

  shut(): void {
    this.readyState = 'closed';
    const { peer } = this;
    if (peer !== undefined) {
      this.network.carry('webrtc', () => this.network.server.detach(peer));
    }
  }

  fail(): void {
    this.readyState = 'closed';
    this.onclose?.();
  }
}
