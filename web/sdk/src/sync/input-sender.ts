/**
 * When inputs leave and how many go in one datagram. It sends bytes to a callback; what inputs are
 * is the game's matter.
 */

import type { GameAdapter } from '../adapter.ts';
import { Writer } from '../protocol/codec.ts';
import { type DatagramHeader, writeDatagramHeader } from '../protocol/datagram.ts';
import { MAX_INPUTS, writeInputBatch } from '../protocol/input.ts';
import { MAX_INPUT } from '../protocol/limits.ts';
import type { StateLane } from '../protocol/state-lane.ts';
import type { InputHistory } from './input-history.ts';
import { CALM, type InputPolicy, inputPolicy } from './redundancy.ts';
import { UnackedPresses } from './unacked-presses.ts';
import type { UpLoss } from './up-loss.ts';

/**
 * Input datagrams a second, on a clean path and while datagrams are lost: each costs as much as six
 * inputs, so that more of them buy less than more copies.
 */
const SEND_RATE = 30;
const HURRIED_RATE = 40;

/**
 * Where what is sent stands in a queue: what acknowledges each datagram would take up to half of a
 * narrow path.
 */
const SPARSE_RATE = 10;

/** Even with no new tick to tell of, acknowledgements go out this often. */
const IDLE_SEND_MS = 100;

/** Bytes of inputs after which no further copy is put into a datagram. */
const MOST_INPUT_BYTES = 128;

/** Most datagrams that go before the newest one, with presses that are too old for it. */
const MAX_EARLIER = 4;

/** Timers may fire a little early: a datagram that is due within this many milliseconds is due. */
const SLACK_MS = 2;

/** Takes a datagram for the server, as bytes of its own, and the header that it begins with. */
export type SendDatagram = (datagram: Uint8Array, header: DatagramHeader) => void;

/** Sends one session's inputs. Times in milliseconds. */
export class InputSender<Input> {
  private readonly adapter: Pick<GameAdapter<never, Input>, 'encodeInput' | 'repeatInput'>;
  private readonly history: InputHistory<Input>;
  private readonly lane: StateLane;
  private readonly loss: UpLoss;
  private readonly viewLag: () => number;
  private readonly send: SendDatagram;
  private readonly tickRate: number;
  private readonly writer = new Writer(128);
  private readonly scratch = new Writer(128);
  private readonly presses: UnackedPresses<Input>;
  private seenTick = -1;
  private collected = 0;
  private policy: InputPolicy = CALM;
  private sentTick = Number.NEGATIVE_INFINITY;
  private sentAt = Number.NEGATIVE_INFINITY;
  private plainTick = Number.NEGATIVE_INFINITY;
  private extra = 0;
  private freshBytes = 0;

  constructor(
    adapter: Pick<GameAdapter<never, Input>, 'encodeInput' | 'repeatInput'>,
    tickRate: number,
    history: InputHistory<Input>,
    lane: StateLane,
    loss: UpLoss,
    viewLag: () => number,
    send: SendDatagram,
  ) {
    this.adapter = adapter;
    this.tickRate = tickRate;
    this.history = history;
    this.lane = lane;
    this.loss = loss;
    this.viewLag = viewLag;
    this.presses = new UnackedPresses(adapter);
    this.send = send;
  }

  /** The newest tick whose input was sent. */
  get newestSent(): number {
    return this.sentTick;
  }

  /** How inputs are sent for now. */
  get present(): InputPolicy {
    return this.policy;
  }

  /** Bytes sent beside what it takes to send each input once, in as few datagrams as on a good path. */
  get extraBytes(): number {
    return this.extra;
  }

  /** Sends what is due at `now`. */
  poll(now: number): void {
    const { newestTick } = this.history;
    if (newestTick < this.sentTick) {
      // The clock was put back.
      this.sentTick = newestTick - 1;
      this.seenTick = newestTick - 1;
    }
    this.notePresses(newestTick);
    const { rate } = this;
    const fresh = newestTick - this.sentTick;
    const isDue = this.isDue(newestTick, this.sentTick, rate);
    // Where there are fewer ticks than datagrams, the newest input goes out once more.
    const isRepeat =
      rate > SEND_RATE && this.tickRate < rate && now - this.sentAt >= 1_000 / rate - SLACK_MS;
    if (isDue || isRepeat || now - this.sentAt >= IDLE_SEND_MS) {
      this.sendNow(now, Math.max(1, Math.min(fresh, MAX_INPUTS)));
    }
  }

  private notePresses(newest: number): void {
    const from = Math.max(this.history.oldestTick, this.seenTick + 1, newest - MAX_INPUTS + 1);
    for (let tick = from; tick <= newest; tick += 1) {
      const input = this.history.at(tick);
      if (input !== undefined) {
        this.presses.onInput(tick, input);
      }
    }
    this.seenTick = newest;
  }

  private sendNow(now: number, fresh: number): void {
    this.policy = inputPolicy(this.loss.share, this.loss.burst, this.policy);
    const newest = this.history.newestTick;
    const isNews = newest > this.sentTick;
    this.sentTick = newest;
    this.sentAt = now;
    this.sendEarlierPresses(now, newest);
    const spare = Math.ceil(((this.policy.copies - 1) * this.tickRate) / this.rate);
    this.collect(newest, fresh + spare, fresh);
    const length = this.sendCollected(now, newest);
    this.countExtra(length, isNews ? this.freshBytes : 0);
  }

  /**
   * Sends the presses that are too old for the newest datagram, as after an outage, before it: the server takes no input
   * that is older than one it has.
   */
  private sendEarlierPresses(now: number, newest: number): void {
    let [covered, count] = [-1, 0];
    for (const press of this.presses.after(this.lane.ackedTick ?? -1)) {
      const isEarlier = press > covered && press <= newest - MAX_INPUTS;
      if (isEarlier && press >= this.history.oldestTick && count < MAX_EARLIER) {
        covered = press + MAX_INPUTS - 1;
        count += 1;
        this.collect(covered, MAX_INPUTS, MAX_INPUTS);
        this.extra += this.sendCollected(now, covered);
      }
    }
  }

  /** Sends what was collected up to `newest`; gives the datagram's length. */
  private sendCollected(now: number, newest: number): number {
    const writer = this.writer.clear();
    const header = this.lane.sendDatagram(now, newest);
    writeDatagramHeader(writer, header);
    writeInputBatch(writer, newest, this.viewLag(), this.collected, this.scratch.view());
    const bytes = writer.finish();
    this.send(bytes, header);
    return bytes.length;
  }

  private get rate(): number {
    if (this.lane.congestion.isCongested) {
      return SPARSE_RATE;
    }
    return this.policy.isHurried ? HURRIED_RATE : SEND_RATE;
  }

  /** Whether a datagram is due at `tick` after one at `before`, at so many a second. */
  private isDue(tick: number, before: number, rate: number): boolean {
    const number = (of: number) => Math.floor((of * rate) / this.tickRate);
    return tick > before && number(tick) > number(before);
  }

  /** Of a datagram of so many bytes, of which some are inputs that were in none before. */
  private countExtra(bytes: number, news: number): void {
    const { newestTick } = this.history;
    // A clock that was put back begins anew.
    const isBack = newestTick < this.plainTick;
    const isPlain = isBack || this.isDue(newestTick, this.plainTick, SEND_RATE);
    this.plainTick = isPlain ? newestTick : this.plainTick;
    this.extra += (isPlain ? this.scratch.length : bytes) - news;
  }

  /** Encodes up to `most` inputs that the server may not have, the newest first. */
  private collect(newest: number, most: number, fresh: number): void {
    const acked = this.lane.ackedTick ?? -1;
    const oldest = Math.max(this.history.oldestTick, acked + 1, newest - MAX_INPUTS + 1);
    const press = this.presses.after(acked)[0] ?? newest;
    const wanted = Math.max(most, newest - press + 1);
    const scratch = this.scratch.clear();
    this.collected = 0;
    this.freshBytes = 0;
    for (let tick = newest; tick >= oldest && this.collected < wanted; tick -= 1) {
      const input = this.history.at(tick);
      const isEnough = this.collected >= fresh && scratch.length > MOST_INPUT_BYTES;
      if (input === undefined || isEnough || !this.encode(input)) {
        break;
      }
      this.collected += 1;
      this.freshBytes = this.collected <= fresh ? scratch.length : this.freshBytes;
    }
  }

  /** Encodes one more input; says whether it fits into the datagram. */
  private encode(input: Input): boolean {
    const before = this.scratch.length;
    try {
      this.adapter.encodeInput(this.scratch, input);
    } catch {
      // The adapter can't even write the neutral input; whoever guards it has reported that.
      this.scratch.truncate(before);
      return false;
    }
    const fits = this.scratch.length <= MAX_INPUT;
    this.scratch.truncate(fits ? this.scratch.length : before);
    return fits;
  }
}
