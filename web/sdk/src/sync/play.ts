/**
 * One session as the game sees it: snapshots in, inputs out, and at each frame what to draw. It
 * knows no link; datagrams come and go as bytes.
 */

import type { GameAdapter, Sample } from '../adapter.ts';
import { Writer } from '../protocol/codec.ts';
import { writeDatagramHeader } from '../protocol/datagram.ts';
import { MAX_INPUTS, writeInputBatch } from '../protocol/input.ts';
import { Session } from '../protocol/session.ts';
import { SnapshotClock } from './clock.ts';
import { InputClock } from './input-clock.ts';
import { InputHistory } from './input-history.ts';
import { Timeline } from './interpolation.ts';
import { InterpolationDelay } from './interpolation-delay.ts';
import { Meter } from './meter.ts';
import { Predictor } from './prediction.ts';
import { SnapshotReceiver } from './receiver.ts';

/** Input datagrams a second. */
const SEND_RATE = 30;
/** A view is carried on beyond the newest for so long at most, in milliseconds. */
const EXTRAPOLATION_MS = 100;
/** Views further apart than this are not interpolated between. */
const LONGEST_GAP_MS = 1_000;
/** Ticks that one call catches up with at most; beyond it, time is skipped. */
const MAX_CATCH_UP = 16;
/** Even with no new tick to tell of, acknowledgements go out this often. */
const IDLE_SEND_MS = 100;

/** Ticks and snapshots a second. */
export interface Rates {
  readonly tickRate: number;
  readonly snapshotRate: number;
}

/** Plays one session. */
export class Play<View, Input, Own> {
  readonly session = new Session();
  readonly meter = new Meter();
  readonly delay: InterpolationDelay;
  private readonly adapter: GameAdapter<View, Input, Own>;
  private readonly send: (datagram: Uint8Array) => void;
  private readonly tickMs: number;
  private readonly sendEvery: number;
  private readonly receiver: SnapshotReceiver<View>;
  private readonly clock: SnapshotClock;
  private readonly inputClock: InputClock;
  private readonly timeline: Timeline<View>;
  private readonly history = new InputHistory<Input>();
  private readonly predictor: Predictor<View, Input, Own> | undefined;
  private readonly writer = new Writer(128);
  private input: Input;
  private inputTick = 0;
  private sentTick = Number.NEGATIVE_INFINITY;
  private sentAt = Number.NEGATIVE_INFINITY;
  private lead = 0;
  private isPaused = false;
  private mutableSample: Writable<Sample<View, Own>> | undefined;

  /** `send` takes a datagram for the server, as bytes of its own. */
  constructor(
    adapter: GameAdapter<View, Input, Own>,
    rates: Rates,
    send: (datagram: Uint8Array) => void,
  ) {
    this.adapter = adapter;
    this.send = send;
    this.input = adapter.neutralInput;
    this.tickMs = 1_000 / rates.tickRate;
    this.sendEvery = Math.max(1, Math.round(rates.tickRate / SEND_RATE));
    this.receiver = new SnapshotReceiver<View>(adapter, this.session);
    this.clock = new SnapshotClock(this.tickMs);
    this.inputClock = new InputClock(this.tickMs);
    this.timeline = new Timeline(EXTRAPOLATION_MS / this.tickMs, LONGEST_GAP_MS / this.tickMs);
    this.delay = new InterpolationDelay(1_000 / rates.snapshotRate);
    this.predictor = adapter.prediction && new Predictor(adapter.prediction, this.history);
  }

  /** Tick of the newest snapshot; 0 before the first. */
  get newestTick(): number {
    return this.timeline.newestTick ?? 0;
  }

  /** Ticks by which the server last found our inputs ahead. */
  get inputLead(): number {
    return this.lead;
  }

  /** When the fastest path brings this tick's snapshot; nothing while no snapshot has come. */
  arrivalOf(tick: number): number | undefined {
    const arrival = this.clock.isRunning ? this.clock.arrivalOf(tick) : Number.POSITIVE_INFINITY;
    return arrival < Number.POSITIVE_INFINITY ? arrival : undefined;
  }

  /** The input from the next tick on. */
  setInput(input: Input): void {
    this.input = input;
  }

  /**
   * Takes a datagram; says whether it was a snapshot newer than all before, another one of ours, or
   * neither. `waited`: for how long at most it has lain in the page, which says nothing about the
   * path; `Infinity` if that is unknown.
   */
  receive(now: number, bytes: Uint8Array, waited = 0): 'news' | 'old' | 'nothing' {
    const verdict = this.receiver.receive(now, bytes, waited);
    this.meter.onVerdict(verdict);
    const snapshot = this.receiver.last;
    if ((verdict === 'newest' || verdict === 'late') && snapshot !== undefined) {
      const before = this.timeline.newestTick;
      const slips = this.clock.slips;
      const late = this.clock.onSnapshot(now, snapshot.tick, this.pathSlack, waited > 0);
      if (this.clock.slips > slips) {
        this.delay.forget();
      }
      this.meter.downLoss.onDatagram(snapshot.sequence);
      if (verdict === 'newest' && (before === undefined || snapshot.tick > before)) {
        this.show(
          now,
          waited === Number.POSITIVE_INFINITY ? undefined : Math.max(0, late - waited),
          before,
        );
      }
      if (before === undefined) {
        this.advance(now);
      }
    }
    if (verdict === 'newest') {
      return 'news';
    }
    return verdict === 'late' || verdict === 'duplicate' ? 'old' : 'nothing';
  }

  /** Steps the own ticks up to `now` and sends what is due. To be called at least once a tick. */
  advance(now: number): void {
    if (!this.clock.isRunning || this.isPaused) {
      return;
    }
    this.inputTick = this.clock.tickAt(now) + this.inputClock.aheadAt(now);
    const whole = Math.max(0, Math.floor(this.inputTick));
    if (this.history.newestTick < 0 || whole - this.history.newestTick > MAX_CATCH_UP) {
      this.history.push(whole, this.input);
      this.predictor?.restart();
    }
    for (let tick = this.history.newestTick + 1; tick <= whole; tick += 1) {
      this.history.push(tick, this.input);
    }
    this.predictor?.step(this.history.newestTick);
    const isDue = this.history.newestTick - this.sentTick >= this.sendEvery;
    if (isDue || now - this.sentAt >= IDLE_SEND_MS) {
      this.sendInputs(now);
    }
  }

  /** What to draw at `now`; nothing before the first snapshot. */
  sample(now: number): Sample<View, Own> | undefined {
    this.advance(now);
    const { newest, newestTick } = this.timeline;
    const stands = !this.clock.isRunning || this.isPaused;
    if (newest === undefined || newestTick === undefined || stands) {
      return this.mutableSample;
    }
    const arriving = this.clock.tickAt(now);
    const wanted = arriving - this.delay.at(now) / this.tickMs;
    const placement = this.timeline.at(wanted);
    if (placement === undefined) {
      return undefined;
    }
    if (placement.isFrozen) {
      this.clock.retard((wanted - placement.tick) * this.tickMs);
    }
    const oneWay = (this.session.path.lowestRoundTrip ?? 0) / 2;
    const serverTick = arriving + oneWay / this.tickMs;
    const own = this.predictor?.at(now, this.inputTick);
    const more = { newest, newestTick, serverTick, own };
    this.mutableSample = Object.assign(
      this.mutableSample ?? { ...placement, ...more },
      placement,
      more,
    );
    return this.mutableSample;
  }

  /** No snapshots are expected until {@link resume}: the page is hidden. */
  pause(): void {
    this.isPaused = true;
    this.meter.starvation.pause();
  }

  /** Starts at `now`, without a glide from where it paused. */
  resume(now: number): void {
    this.isPaused = false;
    this.clock.restart();
    this.timeline.restart();
    this.predictor?.restart();
    this.meter.starvation.resume(now);
  }

  /** The page itself stood still for so long up to now. */
  excuse(stood: number): void {
    this.meter.starvation.excuse(stood);
  }

  /** By how much the path is slower now than at its best. */
  private get pathSlack(): number | undefined {
    const { roundTrip, lowestRoundTrip } = this.session.path;
    return roundTrip === undefined ? undefined : roundTrip - (lowestRoundTrip ?? roundTrip);
  }

  /** `late`: the delay over the fastest's, where it is known. */
  private show(now: number, late: number | undefined, before: number | undefined): void {
    const snapshot = this.receiver.last;
    if (snapshot === undefined) {
      return;
    }
    const { tick, view, inputLead } = snapshot;
    this.timeline.push(tick, view);
    this.lead = inputLead;
    this.meter.onShown(now);
    if (late === undefined) {
      this.inputClock.disregard(now, this.session.path.roundTrip);
    } else {
      this.inputClock.onReport(now, inputLead, this.session.path.roundTrip);
      this.meter.onAge(now, late + (this.session.path.lowestRoundTrip ?? 0) / 2);
    }
    const gap = before === undefined ? Number.POSITIVE_INFINITY : (tick - before) * this.tickMs;
    if (late !== undefined && gap <= LONGEST_GAP_MS) {
      this.delay.onSnapshot(now, late, gap);
    }
    const correction = this.predictor?.reconcile(view, tick);
    if (correction !== undefined) {
      this.meter.corrections.push(now, correction);
    }
  }

  private sendInputs(now: number): void {
    const newest = this.history.newestTick;
    this.sentTick = newest;
    this.sentAt = now;
    const unacked = Math.max(this.history.oldestTick, (this.session.ackedTick ?? -1) + 1);
    const inputs: Input[] = [];
    for (let tick = newest; tick >= unacked && inputs.length < MAX_INPUTS; tick -= 1) {
      const input = this.history.at(tick);
      if (input !== undefined) {
        inputs.push(input);
      }
    }
    const writer = this.writer.clear();
    writeDatagramHeader(writer, this.session.sendDatagram(now, newest));
    writeInputBatch(writer, { newest, inputs }, (out, input) =>
      this.adapter.encodeInput(out, input),
    );
    this.send(writer.finish());
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
