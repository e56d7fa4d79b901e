/** The client: what an app holds. It joins, keeps a session going and says how it stands. */

import { type GameAdapter, repeated, type Sample } from './adapter.ts';
import { AnswerDeadline } from './answer-deadline.ts';
import type { ClientErrorEvent } from './client-error.ts';
import { ConnectError } from './connect-error.ts';
import { Emitter } from './emitter.ts';
import { ErrorReporter, isLocal } from './error-reporter.ts';
import { EventDelivery } from './event-delivery.ts';
import type {
  ClientEvents,
  ClientOptions,
  CloseCause,
  JoinRequest,
  ResumableSeat,
  Status,
  Welcomed,
} from './events.ts';
import { guarded } from './guarded-adapter.ts';
import { browserHost, type Host } from './host.ts';
import { type Admission, join } from './net/admission/join.ts';
import { listRooms, type RoomSummary } from './net/admission/rooms.ts';
import { fetchRungs } from './net/admission/rungs.ts';
import type { SessionOver } from './net/connection/session-end.ts';
import { loadEmulator } from './net/emulator/load.ts';
import type { NetworkEmulator } from './net/emulator/network-emulator.ts';
import { isSupported } from './net/transport/open-link.ts';
import { WarmSession } from './net/transport/warm-session.ts';
import { MAX_ACTION } from './protocol/limits.ts';
import { ResumeStore } from './resume-store.ts';
import type { RungKind, RungOffer } from './rung.ts';
import { RungHistory } from './rung-history.ts';
import { SeatClaim } from './seat-claim.ts';
import { NO_SESSION, POLL_MS, Session } from './session.ts';
import { finalCause, SessionRecovery } from './session-recovery.ts';
import type { Stats } from './stats.ts';
import { reportStats } from './stats-report.ts';
import { StatusRule } from './status-rule.ts';
import { TraceRecorder } from './trace/recorder.ts';

/** One player on one server, over whatever links there are. It draws nothing. */
export class GameClient<View, Input, Own = never> {
  private readonly options: ClientOptions<View, Input, Own>;
  private readonly host: Host;
  private readonly origin: string;
  private readonly emitter = new Emitter<ClientEvents>();
  private readonly statusRule = new StatusRule();
  private readonly rungs = new RungHistory();
  private readonly errors: ErrorReporter;
  private readonly events: EventDelivery;
  private readonly adapter: GameAdapter<View, Input, Own>;
  private readonly recorder = new TraceRecorder((tick) => this.session?.play?.arrivalOf(tick));
  private readonly releases: (() => void)[] = [];
  private readonly claim: SeatClaim;
  private readonly recovery: SessionRecovery;
  private offers: readonly RungOffer[] | undefined;
  /** The session, or while there is none any more, the last one. */
  private session: Session<View, Input, Own> | undefined;
  private emulator: NetworkEmulator | undefined;
  private readonly warm: WarmSession;
  private settle: { resolve(welcome: Welcomed): void; reject(error: Error): void } | undefined;
  /** What a session's first tick gets. */
  private input: Input;
  private joinedAt = 0;
  private readonly deadline = new AnswerDeadline();
  /** Gives up the request of a join that is under way. */
  private readonly joining = new AbortController();
  private isHidden = false;
  private cancelPoll: (() => void) | undefined;

  /** `host` stands in for the browser in tests. */
  constructor(options: ClientOptions<View, Input, Own>, host: Host = browserHost()) {
    this.options = options;
    this.host = host;
    this.origin = options.origin ?? host.origin;
    this.warm = new WarmSession(host);
    this.claim = new SeatClaim(new ResumeStore(options.tabStorage ?? host.tabStorage, this.origin));
    this.recovery = new SessionRecovery(host, this.origin, {
      admitted: (admission) => this.onReadmitted(admission),
      refused: (error) => this.onFailed(error),
    });
    const isDevelopment = options.development ?? isLocal(this.origin);
    const emit = (event: ClientErrorEvent) => this.emitter.emit('error', event);
    this.errors = new ErrorReporter(host, isDevelopment, emit);
    this.events = new EventDelivery(options.eventDelivery ?? 'on-arrival', (event) =>
      this.emitter.emit('event', event),
    );
    this.adapter = guarded(options.adapter, this.errors.report);
    this.input = options.adapter.neutralInput;
  }

  /** Where the client stands now. */
  get status(): Status {
    return this.statusRule.status;
  }

  /** Calls `handler` at each event of this kind; the function given back ends that. */
  on<K extends keyof ClientEvents>(kind: K, handler: (event: ClientEvents[K]) => void): () => void {
    return this.emitter.on(kind, handler);
  }

  /**
   * Does ahead of time what `connect()` would have to wait for: asks the server for its rungs, and on
   * a page that is seen opens a WebTransport session for 10 s. To be called at page load, and again,
   * before `connect()`, whenever the player seems to be about to join. Never fails: without an answer
   * `connect()` does it all.
   */
  prepare(): void {
    fetchRungs(this.host, this.origin).then(
      (offers) => {
        this.offers = offers;
        this.session?.offer(offers);
        this.warmUp(offers);
      },
      () => undefined,
    );
  }

  /**
   * The server's rooms, for a lobby.
   *
   * @throws {@link ConnectError} when the server can't be reached or says no.
   */
  rooms(): Promise<RoomSummary[]> {
    return listRooms(this.origin, this.host);
  }

  /** The seat that this tab left by a reload or a crash, if it may still be there. */
  resumable(): ResumableSeat | undefined {
    return this.claim.resumable;
  }

  /**
   * Joins and plays. Resolves with the first session's welcome; when a session is lost, the client
   * comes back by itself. A client connects once; after `closed`, make another client.
   *
   * @throws {@link ConnectError} when the server refuses or can't be reached.
   */
  connect(request: JoinRequest): Promise<Welcomed> {
    if (this.status.state !== 'idle') {
      return Promise.reject(new ConnectError('refused', 'this client has connected before'));
    }
    const { rung, emulate } = this.options;
    if (rung !== undefined && !isSupported(this.host, rung)) {
      return Promise.reject(new ConnectError('unreachable', `this browser has no ${rung}`));
    }
    const now = this.host.now();
    this.deadline.alive(now);
    this.rungs.start(now);
    this.statusRule.connecting();
    this.emitter.emit('status', this.status);
    this.releases.push(
      this.host.onVisibility(() => this.setHidden(this.host.isHidden())),
      this.host.onNetworkChange(() => this.session?.connection?.onNetworkChange()),
      this.host.onUnload(() => this.unload()),
    );
    const welcome = new Promise<Welcomed>((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    if (emulate === undefined) {
      this.enter(request);
    } else {
      loadEmulator(this.host, emulate).then(
        (emulator) => this.enter(request, emulator),
        (error: unknown) => this.onFailed(error),
      );
    }
    return welcome;
  }

  /**
   * The player's input from now on, for every tick until it is set anew; for each tick but the first
   * as the adapter's `repeatInput` makes it. The value is kept, so it must not be changed afterwards.
   */
  setInput(input: Input): void {
    const play = this.session?.play;
    play?.setInput(input);
    this.input = play === undefined ? input : repeated(this.adapter, input);
  }

  /**
   * Sends something that isn't an input of a tick, reliably; the bytes are the game's own and are
   * copied. At most 256 messages or 256 KiB may be unacknowledged; beyond that, or while there is no
   * session, an action is dropped, which an `error` event tells.
   *
   * @throws RangeError when it is over 16,374 bytes.
   */
  action(bytes: Uint8Array): void {
    if (bytes.length > MAX_ACTION) {
      throw new RangeError(`an action of ${bytes.length} bytes is over ${MAX_ACTION}`);
    }
    if (this.session?.send({ kind: 'action', action: bytes }) !== true) {
      const why = this.session?.isLive === true ? 'too many wait already' : 'there is no session';
      this.errors.report('action-dropped', `an action was dropped: ${why}`);
    }
  }

  /**
   * What to draw at `now` (`performance.now()`, the default); nothing before a session's first
   * snapshot, nor after its end. To be called once a frame.
   */
  sample(now: number = this.host.now()): Sample<View, Own> | undefined {
    const sample = this.recovery.isAsking ? undefined : this.session?.sample(now);
    if (sample !== undefined) {
      this.events.shown(sample.tick);
    }
    return sample;
  }

  /** Says that the page is hidden or seen again; the client also finds out by itself. */
  setHidden(hidden: boolean): void {
    if (hidden === this.isHidden || this.status.state === 'closed') {
      return;
    }
    this.isHidden = hidden;
    this.tellHidden();
  }

  /**
   * What has been measured up to now. Quantiles over the last minute begin at `since`
   * (`performance.now()`) where that is later.
   */
  stats(since?: number): Stats {
    const now = this.host.now();
    this.session?.standstill.look(now);
    return reportStats(now, since, this.session, {
      rungs: this.rungs,
      players: this.options.adapter.playerCount?.() ?? 0,
    });
  }

  /**
   * What the network did to this client's datagrams over the last ten minutes, as a trace in CSV
   * that the loss lab can play again; the README tells its format. It names nobody.
   */
  recording(): string {
    return this.recorder.csv(this.host.now());
  }

  /** Gives the seat up and closes all links. */
  leave(): void {
    this.session?.leave();
    this.finish('left', 'the player left');
  }

  private unload(): void {
    this.session?.unload();
    this.finish('unloaded', 'the page goes');
  }

  private warmUp(offers: readonly RungOffer[] | undefined): void {
    const { rung, emulate } = this.options;
    const isWanted = emulate === undefined && (rung === undefined || rung === 'webtransport');
    if (isWanted && this.status.state === 'idle' && !this.host.isHidden()) {
      const offer = offers?.find(({ kind }) => kind === 'webtransport');
      if (offer?.kind === 'webtransport') {
        this.warm.open(offer);
      }
    }
  }

  private enter(request: JoinRequest, emulator?: NetworkEmulator): void {
    if (this.status.state === 'closed') {
      return;
    }
    this.emulator = emulator;
    const { wish, isReturn } = this.claim.begin(request);
    if (isReturn) {
      this.recovery.afterReload(wish);
    } else {
      this.begin(join(this.host, this.origin, wish, this.joining.signal), this.offers);
    }
    this.poll();
  }

  private begin(admission: Promise<Admission>, offers?: readonly RungOffer[]): void {
    const { rung, storage, onDatagram } = this.options;
    this.joinedAt = this.host.now();
    this.recorder.begin(this.joinedAt);
    this.session = new Session<View, Input, Own>(
      {
        host: this.host,
        origin: this.origin,
        adapter: this.adapter,
        admission,
        forced: rung,
        emulator: this.emulator,
        warm: this.warm,
        storage: storage ?? this.host.storage,
        offers,
        onDatagram,
        recorder: this.recorder,
        report: this.errors.report,
      },
      {
        admitted: (admitted) => this.claim.admitted(admitted),
        welcomed: (welcome) => this.onWelcome(welcome),
        renewed: (token) => this.claim.renewed(token),
        draining: (seconds) => this.emitter.emit('draining', { seconds }),
        event: (tick, bytes) => this.events.arrived({ tick, bytes }),
        moved: (from, to, why) => this.onMoved(from, to, why),
        stood: (milliseconds) => this.deadline.excuse(milliseconds),
        failed: (error) => this.onFailed(error),
        ended: (over) => this.onEnded(over),
      },
    );
  }

  private onWelcome(welcome: Welcomed): void {
    this.claim.welcomed();
    this.setInput(this.input);
    this.emitter.emit('welcome', welcome);
    this.settle?.resolve(welcome);
    this.settle = undefined;
    this.isHidden = this.host.isHidden();
    if (this.isHidden) {
      this.tellHidden();
    }
  }

  private onMoved(from: RungKind | undefined, to: RungKind | undefined, why: string): void {
    const now = this.host.now();
    this.rungs.moved(now, from, to, why);
    this.updateStatus(now);
  }

  private onFailed(error: unknown): void {
    if (error instanceof ConnectError) {
      this.finish(error.reason, error.message, { error });
    } else {
      this.finish('unreachable', String(error));
    }
  }

  private onEnded(over: SessionOver): void {
    this.events.end();
    const cause = finalCause(over.reason);
    if (cause === undefined) {
      const now = this.host.now();
      this.recovery.afterEnd(over, this.claim.lost(), now - this.joinedAt);
      this.updateStatus(now);
      return;
    }
    const { reason, code } = over;
    const words = code === undefined ? reason : `${reason}, code ${code}`;
    this.finish(cause, `the server ended the session: ${words}`, { code });
  }

  private onReadmitted(admission: Admission): void {
    this.deadline.alive(this.host.now());
    this.begin(Promise.resolve(admission));
  }

  private tellHidden(): void {
    this.session?.send({ kind: 'hidden', hidden: this.isHidden });
    this.session?.connection?.setPaused(this.isHidden);
    const now = this.host.now();
    this.deadline.alive(now);
    if (this.isHidden) {
      this.recorder.pause(now);
      this.session?.play?.pause();
    } else {
      this.recorder.resume(now);
      this.session?.standstill.forgetShare();
      this.session?.play?.resume(now);
    }
  }

  private poll(): void {
    const now = this.host.now();
    this.cancelPoll = this.host.setTimer(() => this.poll(), POLL_MS);
    this.recovery.poll(now);
    this.session?.poll(now);
    this.errors.poll(now);
    const play = this.session?.play;
    if (play !== undefined && play.meter.snapshots > 0) {
      this.deadline.alive(now - play.meter.starvation.silence(now));
    }
    this.updateStatus(now);
    const isFirst = this.settle !== undefined && this.recovery.returning === undefined;
    if (!this.isHidden && this.deadline.hasPassed(now, isFirst)) {
      this.session?.close();
      this.finish('unreachable', 'the server does not answer');
    }
  }

  private updateStatus(now: number): void {
    const signs = this.session?.signs(now, this.isHidden) ?? NO_SESSION;
    if (signs.hasPlayed) {
      this.recovery.played();
    }
    const { isAsking, returning } = this.recovery;
    const rung = isAsking ? undefined : signs.rung;
    this.statusRule.update({ ...signs, rung, returning });
    if (this.statusRule.takeChange()) {
      this.emitter.emit('status', this.status);
    }
  }

  private finish(
    reason: CloseCause,
    detail: string,
    { error, code }: { error?: ConnectError; code?: number | undefined } = {},
  ): void {
    if (this.status.state === 'closed') {
      return;
    }
    this.events.end();
    this.warm.close();
    this.joining.abort();
    this.cancelPoll?.();
    this.recovery.cancel();
    this.claim.end(reason);
    this.recorder.pause(this.host.now());
    for (const release of this.releases) {
      release();
    }
    this.statusRule.close();
    this.settle?.reject(error ?? new ConnectError(reason, detail, { code }));
    this.settle = undefined;
    this.emitter.emit('status', this.status);
    this.emitter.emit('closed', code === undefined ? { reason, detail } : { reason, detail, code });
  }
}
