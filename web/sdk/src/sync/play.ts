/**
 * One session as the game sees it: snapshots in, inputs out, and at each frame what to draw. It
 * touches no link; datagrams are handed to it and from it.
 */

import { type GameAdapter, type PredictedOwn, repeated, type Sample } from '../adapter.ts';
import { NO_INPUT } from '../protocol/datagram.ts';
import { NO_VIEW } from '../protocol/input.ts';
import { sequenceDistance } from '../protocol/sequence.ts';
import { StateLane } from '../protocol/state-lane.ts';
import type { ReceivedDatagram } from '../received-datagram.ts';
import type { Writable } from '../writable.ts';
import { SnapshotClock } from './clock.ts';
import { InputClock } from './input-clock.ts';
import { InputHistory } from './input-history.ts';
import { InputSender, type SendDatagram } from './input-sender.ts';
import { type Placement, Timeline } from './interpolation.ts';
import { InterpolationDelay } from './interpolation-delay.ts';
import { Meter } from './meter.ts';
import { ClockPace } from './pace.ts';
import { Predictor } from './prediction.ts';
import { SnapshotReceiver, type Verdict } from './receiver.ts';
import type { InputPolicy } from './redundancy.ts';
import { UpLoss } from './up-loss.ts';

/** For want of news a view is carried on beyond what the game foresees for so long at most, in milliseconds. */
const EXTRAPOLATION_MS = 100;
/** No game foresees farther. */
const MOST_FORESIGHT_MS = 100;
/** Views further apart than this are not interpolated between. */
const LONGEST_GAP_MS = 1_000;
/** Ticks that one call catches up with at most; beyond it, time is skipped. */
const MAX_CATCH_UP = 16;
/** Own ticks further ahead of the clock than this were stepped by a clock that was wrong. */
const MAX_AHEAD_MS = 500;

/** Ticks and snapshots a second. */
export interface Rates {
  readonly tickRate: number;
  readonly snapshotRate: number;
}

/** Plays one session. Times are the page's, in milliseconds. */
export class Play<View, Input, Own> {
  readonly lane: StateLane;
  readonly meter = new Meter();
  private readonly tickMs: number;
  private readonly foresight: number;
  private readonly ticksPerSnapshot: number;
  private readonly receiver: SnapshotReceiver<View>;
  private readonly pace: ClockPace;
  private readonly clock: SnapshotClock;
  private readonly delay: InterpolationDelay;
  private readonly inputClock: InputClock;
  private readonly timeline: Timeline<View>;
  private readonly history = new InputHistory<Input>();
  private readonly sender: InputSender<Input>;
  private readonly predictor: Predictor<View, Input, Own> | undefined;
  private readonly repeat: (input: Input) => Input;
  private readonly join: (unused: Input, newest: Input) => Input;
  private isTaken = true;
  private input: Input;
  private inputTick = 0;
  private shownSequence = 0;
  private shownTick: number | undefined;
  private lead = 0;
  private isPaused = false;
  private mutableSample: Writable<Sample<View, Own>> | undefined;

  constructor(adapter: GameAdapter<View, Input, Own>, rates: Rates, send: SendDatagram) {
    const loss = new UpLoss();
    this.lane = new StateLane(loss);
    this.input = adapter.neutralInput;
    this.repeat = (input) => repeated(adapter, input);
    this.join = (unused, newest) => adapter.joinInputs?.(unused, newest) ?? newest;
    this.tickMs = 1_000 / rates.tickRate;
    this.ticksPerSnapshot = Math.max(1, Math.floor(rates.tickRate / rates.snapshotRate));
    this.receiver = new SnapshotReceiver<View>(adapter, this.lane);
    this.pace = new ClockPace(this.tickMs);
    this.clock = new SnapshotClock(this.tickMs);
    this.inputClock = new InputClock(this.tickMs);
    this.foresight = Math.min(MOST_FORESIGHT_MS, Math.max(0, adapter.foresight ?? 0));
    this.timeline = new Timeline(
      this.foresight / this.tickMs,
      EXTRAPOLATION_MS / this.tickMs,
      LONGEST_GAP_MS / this.tickMs,
    );
    this.delay = new InterpolationDelay(1_000 / rates.snapshotRate);
    const viewLag = () => this.viewLag();
    this.sender = new InputSender(
      adapter,
      rates.tickRate,
      this.history,
      this.lane,
      loss,
      viewLag,
      send,
    );
    this.predictor =
      adapter.prediction && new Predictor(adapter.prediction, this.history, this.repeat);
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
    return arrival < Number.POSITIVE_INFINITY ? this.pace.pageTime(arrival) : undefined;
  }

  /** How far behind the newest possible snapshot the picture is at `page`, in milliseconds. */
  delayAt(page: number): number {
    return this.delayNow(this.pace.at(page));
  }

  /** Typical delay of a snapshot over the fastest's. */
  get jitter(): number {
    return this.delay.jitter;
  }

  /** How inputs are sent for now. */
  get inputPolicy(): InputPolicy {
    return this.sender.present;
  }

  /** Bytes of our datagrams beside what a good path takes: copies of inputs, and what carries them. */
  get extraBytesOut(): number {
    return this.sender.extraBytes;
  }

  /** The input from the next tick on, as the adapter repeats it. */
  setInput(input: Input): void {
    this.input = this.isTaken ? input : this.join(this.input, input);
    this.isTaken = false;
  }

  /**
   * Takes a datagram; says whether it was a snapshot newer than all before, another one of ours, or
   * neither.
   */
  receive(datagram: ReceivedDatagram): 'news' | 'old' | 'nothing' {
    const { at: page, waited } = datagram;
    const now = this.pace.at(page);
    const verdict = this.receiver.receive(now, datagram);
    this.meter.onVerdict(verdict);
    if (verdict === 'duplicate' || this.isInBetween(verdict, datagram)) {
      this.meter.extraBytesIn += datagram.bytes.length;
    }
    const snapshot = this.receiver.last;
    if ((verdict === 'newest' || verdict === 'late') && snapshot !== undefined) {
      const { tick, sequence } = snapshot;
      const before = this.timeline.newestTick;
      const late = this.time(page, now, tick, waited);
      this.meter.downLoss.onDatagram(sequence);
      if (verdict === 'newest' && (before === undefined || tick > before)) {
        const known = waited === Number.POSITIVE_INFINITY ? undefined : Math.max(0, late - waited);
        this.meter.onShown(page);
        this.show(page, now, known, before);
      }
      if (before === undefined) {
        this.advance(page);
      }
    }
    if (verdict === 'newest') {
      return 'news';
    }
    return verdict === 'late' || verdict === 'duplicate' ? 'old' : 'nothing';
  }

  /** Steps the own ticks up to `page` and sends what is due. To be called at least once a tick. */
  advance(page: number): void {
    const now = this.pace.at(page);
    if (!this.clock.isRunning || this.isPaused) {
      return;
    }
    this.inputTick = this.clock.tickAt(now) + this.inputClock.aheadAt(now);
    const whole = Math.max(0, Math.floor(this.inputTick));
    const behind = whole - this.history.newestTick;
    const isLost = behind > MAX_CATCH_UP || behind < -MAX_AHEAD_MS / this.tickMs;
    if (this.history.newestTick < 0 || isLost) {
      this.history.push(whole, this.joinUnsent(this.takeInput()));
      this.predictor?.skip(whole);
    }
    for (let tick = this.history.newestTick + 1; tick <= whole; tick += 1) {
      this.history.push(tick, this.takeInput());
    }
    this.predictor?.step(this.history.newestTick);
    this.sender.poll(now);
    this.inputClock.setSpare(this.sender.present.spareTicks);
  }

  /** What to draw at `page`; nothing before the first snapshot. */
  sample(page: number): Sample<View, Own> | undefined {
    const now = this.pace.at(page);
    this.advance(page);
    const { newest, newestTick } = this.timeline;
    const stands = !this.clock.isRunning || this.isPaused;
    if (newest === undefined || newestTick === undefined || stands) {
      return this.mutableSample;
    }
    const arriving = this.clock.tickAt(now);
    const target = arriving - this.delayNow(now) / this.tickMs;
    const placement = this.timeline.at(target);
    if (placement === undefined) {
      return undefined;
    }
    if (placement.isFrozen) {
      this.clock.retard((target - placement.tick) * this.tickMs);
    }
    this.shownTick = placement.tick;
    this.meter.onFrame(placement.isExtrapolated, placement.isFrozen);
    const oneWay = (this.lane.path.lowestRoundTrip ?? 0) / 2;
    const serverTick = arriving + oneWay / this.tickMs;
    const own = this.predictor?.at(now, this.inputTick, this.input);
    this.mutableSample ??= { ...placement, newest, newestTick, serverTick, own };
    return fill(this.mutableSample, placement, newest, newestTick, serverTick, own);
  }

  /** No snapshots are expected until {@link resume}: the page is hidden. */
  pause(): void {
    this.isPaused = true;
    this.pace.forget();
    this.meter.starvation.pause();
  }

  /** Starts at `page`, without a glide from where it paused. */
  resume(page: number): void {
    this.isPaused = false;
    this.clock.restart();
    this.timeline.restart();
    this.predictor?.restart();
    this.meter.starvation.resume(page);
  }

  /** The page itself stood still for so long up to now. */
  excuse(page: number, stood: number): void {
    this.pace.forget();
    this.meter.starvation.excuse(stood);
    // The server sends at most one snapshot a tick.
    this.meter.downLoss.excuse(Math.ceil(stood / this.tickMs));
    this.lane.excuse(this.pace.at(page));
  }

  /** The path's delay, less what the game foresees. */
  private delayNow(now: number): number {
    return Math.max(0, this.delay.at(now) - this.foresight);
  }

  /** Ticks by which the picture lies behind the newest snapshot, as the wire has them. */
  private viewLag(): number {
    if (this.shownTick === undefined) {
      return NO_VIEW;
    }
    return Math.max(0, Math.min(Math.round(this.newestTick - this.shownTick), NO_VIEW - 1));
  }

  /** The input of the next tick. */
  private takeInput(): Input {
    const { input } = this;
    this.input = this.repeat(input);
    this.isTaken = true;
    return input;
  }

  /** What was pressed in the ticks that no datagram told of and none will, with the input after them. */
  private joinUnsent(input: Input): Input {
    let joined = input;
    for (let tick = this.history.newestTick; tick > this.sender.newestSent; tick -= 1) {
      const unsent = this.history.at(tick);
      if (unsent === undefined) {
        break;
      }
      joined = this.join(unsent, joined);
    }
    return joined;
  }

  /** Whether the snapshot just decoded is one that the server sends on bad paths only. */
  private isInBetween(verdict: Verdict, { rung }: ReceivedDatagram): boolean {
    const isDecoded = verdict === 'newest' || verdict === 'late';
    // Down a stream there are none; one that stalls gets fewer, at other ticks.
    return (
      isDecoded &&
      rung !== 'websocket' &&
      (this.receiver.last?.tick ?? 0) % this.ticksPerSnapshot !== 0
    );
  }

  /** By how much the path is slower now than at its best. */
  private get pathSlack(): number | undefined {
    const { roundTrip, lowestRoundTrip } = this.lane.path;
    return roundTrip === undefined ? undefined : roundTrip - (lowestRoundTrip ?? roundTrip);
  }

  /** Sets the clock by a snapshot of `tick`; gives its delay over the fastest's. */
  private time(page: number, now: number, tick: number, waited: number): number {
    if (waited === 0 && this.pace.onSnapshot(page, tick)) {
      // The clock was set by a time that ran at another speed.
      this.clock.restart();
      this.delay.forget();
    }
    const slips = this.clock.slips;
    const late = this.clock.onSnapshot(now, tick, this.pathSlack, waited > 0);
    if (this.clock.slips > slips) {
      this.delay.forget();
    }
    return late;
  }

  /** `late`: the delay over the fastest's, where it is known. */
  private show(
    page: number,
    now: number,
    late: number | undefined,
    before: number | undefined,
  ): void {
    const snapshot = this.receiver.last;
    if (snapshot === undefined) {
      return;
    }
    const { sequence, tick, view, inputLead } = snapshot;
    this.timeline.push(tick, view);
    this.lead = inputLead === NO_INPUT ? 0 : inputLead;
    if (late === undefined) {
      this.inputClock.disregard(now, this.lane.path.roundTrip);
    } else {
      this.inputClock.onReport(now, inputLead, this.lane.path.roundTrip);
      this.meter.onAge(page, late + (this.lane.path.lowestRoundTrip ?? 0) / 2);
    }
    const gap = before === undefined ? Number.POSITIVE_INFINITY : (tick - before) * this.tickMs;
    if (late !== undefined && gap <= LONGEST_GAP_MS) {
      const missed = Math.max(0, sequenceDistance(sequence, this.shownSequence) - 1);
      this.delay.onSnapshot(now, late, gap, missed);
    }
    this.shownSequence = sequence;
    const correction = this.predictor?.reconcile(view, tick);
    if (correction !== undefined) {
      this.meter.corrections.push(page, correction);
    }
  }
}

/** Writes one frame's sample over that of the frame before, so that a frame leaves no litter. */
function fill<View, Own>(
  sample: Writable<Sample<View, Own>>,
  placement: Placement<View>,
  newest: View,
  newestTick: number,
  serverTick: number,
  own: PredictedOwn<Own> | undefined,
): Sample<View, Own> {
  sample.from = placement.from;
  sample.to = placement.to;
  sample.alpha = placement.alpha;
  sample.fromTick = placement.fromTick;
  sample.toTick = placement.toTick;
  sample.tick = placement.tick;
  sample.isExtrapolated = placement.isExtrapolated;
  sample.isFrozen = placement.isFrozen;
  sample.newest = newest;
  sample.newestTick = newestTick;
  sample.serverTick = serverTick;
  sample.own = own;
  return sample;
}
