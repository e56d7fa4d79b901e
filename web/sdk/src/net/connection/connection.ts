/**
 * All links of one session: opens and closes them as the ladder says, sends State on those in use,
 * and keeps Control reliable across them. It knows no snapshot's content.
 */

import {
  type ClientMessage,
  encodeClientFrame,
  type LinkUse,
  type ServerFrame,
} from '../../protocol/control.ts';
import type { DatagramHeader } from '../../protocol/datagram.ts';
import type { ReceivedDatagram } from '../../received-datagram.ts';
import type { RungKind, RungOffer } from '../../rung.ts';
import type { LinkStats } from '../../stats.ts';
import { Ladder } from '../ladder/ladder.ts';
import type { LadderCommand } from '../ladder/ladder-command.ts';
import { DEFAULT_USE, type LinkEnd } from '../transport/link.ts';
import { isSupported, openLink } from '../transport/open-link.ts';
import type { ConnectionEvents, ConnectionOptions } from './connection-events.ts';
import { ControlLane } from './control-lane.ts';
import { LinkIds } from './link-ids.ts';
import { SessionEnd } from './session-end.ts';
import type { SessionLink } from './session-link.ts';
import { SessionLinks } from './session-links.ts';
import { StallNotice } from './stall-notice.ts';
import type { Traffic } from './traffic.ts';
import { Uplink } from './uplink.ts';
import { isProbeAnswer, UplinkProbe } from './uplink-probe.ts';

/** What the ladder wants may change while it is carried out; what is left waits for the next poll. */
const MAX_ROUNDS = 3;
/** What is in no hurry is done so often, in milliseconds. */
const TEND_MS = 50;

/** The links of one session. */
export class Connection {
  private readonly options: ConnectionOptions;
  private readonly events: ConnectionEvents;
  private readonly ladder: Ladder;
  private readonly links: SessionLinks;
  private readonly ids: LinkIds;
  private readonly control: ControlLane;
  private readonly end = new SessionEnd();
  private readonly uplink = new Uplink();
  private readonly stalls: StallNotice;
  private readonly probe = new UplinkProbe();
  private offers: readonly RungOffer[];
  private carrier: RungKind | undefined;
  private tendedAt = Number.NEGATIVE_INFINITY;
  private isOver = false;
  private isPolling = false;
  /** Whether no State is expected: the page is hidden. */
  isPaused = false;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.options = options;
    this.events = events;
    this.offers = options.offers;
    this.ids = new LinkIds(options.host.secret());
    this.stalls = new StallNotice(options.host.now());
    this.control = new ControlLane(options.host, (message) => events.message(message));
    this.ladder = new Ladder(options.host.now(), {
      rungs: this.usableRungs(),
      hint: options.hint,
      isWarm: options.warm?.isUp(options.offers) === true,
      random: () => options.host.random(),
    });
    this.links = new SessionLinks(this.ladder);
    this.step();
  }

  /** The rung that carries the game, if one does. */
  get rung(): RungKind | undefined {
    return this.carrier;
  }

  /** Whether there is any rung to play on. */
  get hasRungs(): boolean {
    return this.usableRungs().length > 0;
  }

  get linkStats(): LinkStats[] {
    return this.links.stats;
  }

  /** Whether any link holds the seat. */
  get isAttached(): boolean {
    return this.links.all().some(({ isAttached }) => isAttached);
  }

  /** When the server last said anything on the Control lane. */
  get answeredAt(): number {
    return this.control.heardAt;
  }

  /** What all links there were have carried, up to `now`. */
  traffic(now: number): Traffic {
    return this.links.traffic(now);
  }

  /** Sends a datagram on every link in use. */
  sendState(datagram: Uint8Array, header: DatagramHeader): void {
    const now = this.options.host.now();
    const active = this.links.active();
    const attempts = active.map(({ attempt }) => attempt);
    if (attempts.length > 0) {
      this.uplink.sent(now, header.sequence, attempts);
    }
    for (const entry of active) {
      this.events.sending(now, entry.id, entry.rung, header, datagram.length);
      entry.link?.sendState(datagram);
    }
  }

  /** Sends a message, once and in order; says whether there was room for it. */
  sendMessage(message: ClientMessage): boolean {
    return this.control.send(message);
  }

  /** Asks the server on the Control lane whether it is there; {@link answeredAt} tells. */
  ask(): void {
    this.control.ask(this.options.host.now());
  }

  /** The join's own offers. Links opened by others ahead of time are opened anew. */
  setOffers(offers: readonly RungOffer[]): void {
    const before = this.offers;
    this.offers = offers;
    this.ladder.offer(this.usableRungs());
    for (const offer of offers) {
      const old = before.find(({ kind }) => kind === offer.kind);
      if (JSON.stringify(old) !== JSON.stringify(offer)) {
        this.ladder.reopen(this.now(), offer.kind);
      }
    }
    this.step();
  }

  /** Time between two snapshots, in milliseconds, once the join has told it. */
  setInterval(interval: number): void {
    this.ladder.setInterval(interval);
  }

  /** No snapshots are expected while the page is hidden. */
  setPaused(paused: boolean): void {
    this.isPaused = paused;
    if (paused) {
      this.ladder.pause();
    } else {
      this.ladder.resume(this.now());
    }
    this.step();
  }

  /** The page itself stood still for so long up to now. */
  excuse(stood: number): void {
    this.ladder.excuse(stood);
    this.control.excuse(stood);
    if (!this.isPaused) {
      this.stalls.stood(this.options.host.now(), stood);
    }
  }

  onNetworkChange(): void {
    this.ladder.onNetworkChange(this.now());
    this.step();
  }

  /** Closes all links; nothing is told after it. */
  close(): void {
    this.isOver = true;
    for (const entry of this.links.all()) {
      this.drop(entry);
    }
  }

  /** Does what is due at `now`. To be called often: what a silence needs is started by it. */
  poll(now: number): void {
    if (this.isOver || this.isPolling) {
      return;
    }
    // A link that fails while it is opened polls again from within.
    this.isPolling = true;
    let isChanged = true;
    for (let round = 0; round < MAX_ROUNDS && isChanged; round += 1) {
      const commands = this.ladder.poll(now);
      for (const command of commands) {
        this.execute(command);
      }
      isChanged = commands.length > 0;
      this.tendedAt = isChanged ? Number.NEGATIVE_INFINITY : this.tendedAt;
    }
    this.isPolling = false;
    if (now - this.tendedAt >= TEND_MS) {
      this.tendedAt = now;
      this.chooseControl(now);
      this.control.poll(now);
      this.probeUnheard();
      this.tellStall(now);
      this.traffic(now);
    }
  }

  private now(): number {
    const now = this.options.host.now();
    this.events.woken(now);
    return now;
  }

  private step(): void {
    if (!this.isOver) {
      this.poll(this.now());
    }
  }

  private execute(command: LadderCommand): void {
    switch (command.kind) {
      case 'open':
        this.open(command.attempt, command.rung);
        break;
      case 'close': {
        const entry = this.links.get(command.attempt);
        if (entry !== undefined) {
          this.drop(entry);
        }
        break;
      }
      case 'use':
        this.sendUse(command.attempt, command.use);
        break;
      case 'move':
        this.move(command.attempt, command.why);
        break;
    }
  }

  private open(attempt: number, rung: RungKind): void {
    const offer = this.offers.find(({ kind }) => kind === rung);
    if (offer === undefined) {
      this.ladder.onClosed(this.now(), attempt, 'not offered any more');
      return;
    }
    const entry = this.links.add(attempt, rung);
    const ticket = entry.ticket(this.options.token, this.ids);
    const link = openLink(this.options, offer, ticket, {
      answered: () => this.ladder.onAnswered(this.now(), attempt),
      attached: () => this.onAttached(entry),
      state: (datagram) => this.onState(entry, datagram),
      frame: (frame) => this.onFrame(entry, frame),
      controlMoved: () => this.resumeControl(entry),
      closed: (end) => this.onClosed(entry, end),
    });
    if (this.links.get(attempt) === entry) {
      entry.link = link;
    }
  }

  private onAttached(entry: SessionLink): void {
    entry.isAttached = true;
    this.ladder.onAttached(entry.attempt);
    this.tendedAt = Number.NEGATIVE_INFINITY;
    this.step();
  }

  private onState(entry: SessionLink, datagram: ReceivedDatagram): void {
    const now = this.now();
    datagram.at = now;
    datagram.link = entry.id;
    datagram.rung = entry.rung;
    const { kind, roundTrip, isCongested } = this.events.received(datagram);
    if (roundTrip !== undefined) {
      this.setPath(roundTrip, isCongested);
    }
    if (kind !== 'nothing') {
      this.onSnapshot(now, entry, datagram.header, kind === 'news');
    }
  }

  private onSnapshot(now: number, entry: SessionLink, header: DatagramHeader, isNews: boolean) {
    entry.snapshots += 1;
    entry.isAttached = true;
    this.end.onSnapshot();
    if (isNews) {
      this.hear(now, header);
    }
    this.ladder.onSnapshot(now, entry.attempt, isNews);
    this.poll(now);
  }

  private setPath(roundTrip: number, isCongested: boolean): void {
    this.ladder.setPath(roundTrip, isCongested);
    this.control.setRoundTrip(roundTrip);
    this.uplink.setRoundTrip(roundTrip);
  }

  /** Takes what a snapshot says of the way up. */
  private hear(now: number, header: DatagramHeader): void {
    const { silence, proven } = this.uplink.onSnapshot(now, header);
    if (proven !== undefined) {
      this.ladder.onHeard(now, proven);
    }
    this.ladder.onUplink(now, silence);
  }

  private probeUnheard(): void {
    for (const entry of this.links.all()) {
      this.probe.update(entry, this.ladder.isUnheard(entry.attempt));
    }
  }

  /** Says on each link in use that the page stood still, where there is that to say. */
  private tellStall(now: number): void {
    const millis = this.stalls.take(now);
    if (millis !== undefined) {
      const frame = encodeClientFrame({ kind: 'stalled', millis });
      for (const { link } of this.links.active()) {
        link?.sendControl(frame);
      }
    }
  }

  private onFrame(entry: SessionLink, frame: ServerFrame): void {
    if (isProbeAnswer(frame)) {
      if (frame.number === entry.probe) {
        this.ladder.onHeard(this.now(), entry.attempt);
        this.step();
      }
    } else if (entry.link !== undefined) {
      this.control.onFrame(entry.link, frame);
    }
  }

  private onClosed(entry: SessionLink, end: LinkEnd): void {
    if (this.isOver) {
      return;
    }
    this.drop(entry);
    const over = this.end.judge(end, entry.isAttached);
    if (over !== undefined) {
      this.close();
      this.events.ended(over);
      return;
    }
    const isStale = end.reason === 'stale-link';
    const now = this.now();
    this.ladder.onClosed(now, entry.attempt, `${end.reason}: ${end.detail}`, isStale);
    this.step();
  }

  private drop(entry: SessionLink): void {
    const now = this.options.host.now();
    if (this.links.remove(now, entry)) {
      entry.link?.close();
    }
    if (!this.isOver) {
      this.chooseControl(now);
    }
  }

  private move(attempt: number | undefined, why: string): void {
    const from = this.carrier;
    this.carrier = this.links.get(attempt)?.rung;
    this.events.moved(from, this.carrier, why);
  }

  private sendUse(attempt: number, use: LinkUse): void {
    this.links.get(attempt)?.link?.sendControl(encodeClientFrame({ kind: 'use', use }));
  }

  private chooseControl(now: number): void {
    this.control.choose(now, this.links.controlCandidates(now));
  }

  /** Frames sent on this link may be lost: says again what must be known. */
  private resumeControl(entry: SessionLink): void {
    entry.probe = undefined;
    const use = this.ladder.useOf(entry.attempt);
    if (use !== undefined && use !== DEFAULT_USE) {
      this.sendUse(entry.attempt, use);
    }
    if (entry.link !== undefined) {
      this.control.resume(entry.link);
    }
  }

  private usableRungs(): RungKind[] {
    const { host, forced } = this.options;
    return this.offers
      .map(({ kind }) => kind)
      .filter((kind) => isSupported(host, kind) && (forced === undefined || kind === forced));
  }
}
