/**
 * A browser and a network in virtual time: WebSocket, WebTransport, WebRTC and fetch, all leading to
 * one {@link FakeServer}. Runs on Vitest's fake timers.
 */

import { vi } from 'vitest';
import type { Host } from '../../src/host.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/limits.ts';
import { seededRandom } from '../../src/random.ts';
import type { RungKind } from '../../src/rung.ts';
import { FakeClock } from './fake-clock.ts';
import { FakePath, type PathQuality } from './fake-path.ts';
import { FakePeerConnection } from './fake-peer-connection.ts';
import { FakeServer, type ServerWish, SNAPSHOT_RATE, TICK_RATE } from './fake-server.ts';
import { FakeThread } from './fake-thread.ts';
import { FakeWebSocket } from './fake-websocket.ts';
import { FakeWebTransport } from './fake-webtransport.ts';

/** The world of one test. */
export class FakeNetwork {
  readonly server = new FakeServer(() => performance.now());
  readonly path = new FakePath();
  /** What the browser doesn't have. */
  readonly missing = new Set<RungKind>();
  /** One-way trips until a rung is open. */
  readonly trips: Record<RungKind, number> = { webtransport: 3, webrtc: 8, websocket: 5 };
  readonly thread = new FakeThread();
  readonly clock = new FakeClock();
  readonly sockets: FakeWebSocket[] = [];
  /** WebTransport sessions that were opened. */
  sessions = 0;
  readonly storage = new Map<string, string>();
  /** The tab's own storage. */
  tab: Map<string, string> | undefined = new Map();
  readonly requests: string[] = [];
  readonly consoleErrors: string[] = [];
  /** Joins as they are sent, with their times. */
  readonly joins: ({ readonly at: number } & ServerWish)[] = [];
  joinStatus = 200;
  /** Joins are answered so many milliseconds late. */
  joinDelay = 0;
  /** Why a join is refused, as the problem's type has it. */
  joinProblem: string | undefined;
  readonly fullRooms = new Set<string>();
  /** What `/v1/rooms` answers. */
  rooms: unknown = [];
  /** While stalled, the server's time stands still and is given up. */
  isServerStalled = false;
  hidden = false;
  offersBeforeJoin = true;
  /** What `/v1/rungs` says. */
  protocolBeforeJoin = PROTOCOL_VERSION;
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
      now: () => this.clock.now(),
      setTimer: (callback, delay) => {
        let isCancelled = false;
        const run = () => (isCancelled ? undefined : callback());
        const timer = setTimeout(() => this.thread.run(run, true), delay / this.clock.speed);
        return () => {
          isCancelled = true;
          clearTimeout(timer);
        };
      },
      random: this.random,
      secret: () => 1,
      randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(this.random() * 256)),
      fetch: (url, init) => this.fetch(url, init),
      openWebSocket: has('websocket')
        ? (url) => {
            const socket = new FakeWebSocket(this, url);
            this.sockets.push(socket);
            return socket as unknown as WebSocket;
          }
        : undefined,
      openWebTransport: has('webtransport')
        ? () => {
            this.sessions += 1;
            return new FakeWebTransport(this) as unknown as WebTransport;
          }
        : undefined,
      openPeerConnection: has('webrtc')
        ? () => new FakePeerConnection(this) as unknown as RTCPeerConnection
        : undefined,
      storage: mapStorage(this.storage),
      tabStorage: this.tab && mapStorage(this.tab),
      origin: 'https://play.example',
      wallClock: () => Date.now(),
      isHidden: () => this.hidden,
      logError: (message) => this.consoleErrors.push(message),
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

  get quality(): PathQuality {
    return this.path.quality;
  }

  /** What goes nowhere: packets of these rungs vanish. */
  get blackholed(): Set<RungKind> {
    return this.path.blackholed;
  }

  /** Nothing passes at all for so many milliseconds. */
  async gap(milliseconds: number): Promise<void> {
    this.path.isGone = true;
    await this.run(milliseconds);
    this.path.isGone = false;
  }

  /** The page reads an answer only when its thread is free, and not if it has given up by then. */
  private async fetch(url: string, init: RequestInit): Promise<Response> {
    const response = await this.serve(url, init);
    await new Promise<void>((resolve) => this.thread.run(resolve));
    init.signal?.throwIfAborted();
    return response;
  }

  private async serve(url: string, init: RequestInit): Promise<Response> {
    const { pathname, searchParams } = new URL(url);
    this.requests.push(pathname);
    if (pathname === '/v1/join') {
      this.joins.push({ at: performance.now(), ...JSON.parse(String(init.body)) });
    }
    await new Promise<void>((resolve) => this.path.handshake('websocket', 2, resolve));
    if (pathname === '/v1/join' && this.joinDelay > 0) {
      await wait(this.joinDelay, init.signal);
    }
    init.signal?.throwIfAborted();
    if (this.server.isDown) {
      throw new TypeError('connection refused');
    }
    if (pathname === '/v1/rungs') {
      return this.offersBeforeJoin
        ? json(200, { protocol: this.protocolBeforeJoin, rungs: this.rungsBeforeJoin() })
        : json(404, { title: 'not found' });
    }
    if (pathname === '/v1/rooms') {
      return json(200, this.rooms);
    }
    if (pathname === '/v1/join') {
      return this.join(JSON.parse(String(init.body)));
    }
    const headers = new Headers(init.headers);
    const token = headers.get('authorization')?.replace('Bearer ', '') ?? '';
    if (!this.server.sessions.has(token)) {
      const kind = this.server.isOver(token) ? 'expired-session' : 'bad-token';
      return json(401, { type: `/problems/${kind}` });
    }
    return new Response(`answer ${token} ${searchParams.get('link')}`, { status: 201 });
  }

  private rungsBeforeJoin(): unknown[] {
    return RUNGS_JSON.map((rung) =>
      rung.kind === 'websocket' ? { ...rung, url: this.websocketUrlBeforeJoin } : rung,
    );
  }

  private join(wish: ServerWish): Response {
    if (this.joinStatus !== 200) {
      const type = this.joinProblem && `/problems/${this.joinProblem}`;
      return json(this.joinStatus, { type, title: 'room full', detail: 'The room is full.' });
    }
    if (wish.room !== undefined && this.fullRooms.has(wish.room)) {
      return json(409, { type: '/problems/room-full', detail: 'The room is full.' });
    }
    const { resume } = wish;
    const resumed = resume === undefined ? undefined : this.server.resume(resume);
    const isNew = resume === undefined || (resumed === undefined && wish.or_new === true);
    const token = isNew ? this.server.join(wish) : resumed;
    if (token === undefined) {
      return json(410, { type: '/problems/seat-gone' });
    }
    const { room, visibility } = this.server.session;
    return json(200, {
      session: token,
      token,
      room,
      player: 'ada',
      visibility,
      resumed: !isNew,
      tick_rate: TICK_RATE,
      snapshot_rate: SNAPSHOT_RATE,
      rungs: RUNGS_JSON,
    });
  }
}

function mapStorage(map: Map<string, string>): Host['tabStorage'] {
  return {
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
  };
}

/** Waits, unless the request is given up. */
function wait(milliseconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
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
