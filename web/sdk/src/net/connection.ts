/**
 * All links of one session: opens and closes them as the ladder says, sends State on those in use,
 * and keeps Control reliable across them. It knows no snapshot's content.
 */

import type { Direction } from '../datagram-tap.ts';
import type { Host } from '../host.ts';
import type { LinkProfileName } from '../link-profile.ts';
import {
  type ClientMessage,
  type CloseReason,
  encodeClientFrame,
  type LinkUse,
  type ServerFrame,
  type ServerMessage,
} from '../protocol/control.ts';
import type { RungKind, RungOffer } from '../rung.ts';
import type { LinkStats } from '../stats.ts';
import { ControlLane } from './control-lane.ts';
import { Ladder, type LadderCommand } from './ladder.ts';
import { DEFAULT_USE, type Link, type LinkEnd, type Ticket } from './link.ts';
import { LinkIds } from './link-ids.ts';
import { isSupported, openLink } from './open-link.ts';

/** What a connection tells. */
export interface ConnectionEvents {
  /** A State datagram comes in, before anyone reads it, or is handed to a link. */
  passing(direction: Direction, now: number, link: number, rung: RungKind, bytes: Uint8Array): void;
  /** A State datagram came in; says whether it was a snapshot of ours. */
  datagram(now: number, bytes: Uint8Array): boolean;
  message(message: ServerMessage): void;
  /** The game is carried by another rung, or by none. */
  moved(from: RungKind | undefined, to: RungKind | undefined, why: string): void;
  /** The session is over on the server's word; no link will help. */
  ended(reason: CloseReason): void;
  /** Comes before anything is judged at `now`; {@link Connection.excuse} may be called in it. */
  woken(now: number): void;
}

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly host: Host;
  readonly offers: readonly RungOffer[];
  readonly token: Promise<string>;
  readonly forced?: RungKind | undefined;
  readonly hint?: RungKind | undefined;
  readonly profile?: LinkProfileName | undefined;
}

/** Reasons that end the session, whichever link brings them. */
const SESSION_REASONS: ReadonlySet<LinkEnd['reason']> = new Set<LinkEnd['reason']>([
  'left',
  'bad-token',
  'expired',
  'shutting-down',
  'room-failed',
]);

/** What the ladder wants may change while it is carried out; what is left waits for the next poll. */
const MAX_ROUNDS = 3;
/** How often the ladder is asked without any event. */
const POLL_MS = 50;
interface Entry {
  readonly attempt: number;
  readonly rung: RungKind;
  link: Link | undefined;
  id: number;
  isAttached: boolean;
  snapshots: number;
}

/** The links of one session. */
export class Connection {
  private readonly options: ConnectionOptions;
  private readonly events: ConnectionEvents;
  private readonly ladder: Ladder;
  private readonly entries = new Map<number, Entry>();
  private readonly ids = new LinkIds();
  private readonly control: ControlLane;
  private offers: readonly RungOffer[];
  private carrier: RungKind | undefined;
  private readonly closed = { bytesIn: 0, bytesOut: 0, unsent: 0 };
  private cancelPoll: (() => void) | undefined;
  private isOver = false;
  private isPolling = false;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.options = options;
    this.events = events;
    this.offers = options.offers;
    this.control = new ControlLane(options.host, (message) => events.message(message));
    this.ladder = new Ladder(options.host.now(), {
      rungs: this.usableRungs(),
      hint: options.hint,
      random: () => options.host.random(),
    });
    this.poll();
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
    return [...this.entries.values()].map((entry) => ({
      id: entry.id,
      rung: entry.rung,
      state: entry.isAttached ? (this.ladder.useOf(entry.attempt) ?? 'active') : 'opening',
      stripes: entry.link?.stripes ?? 0,
      snapshots: entry.snapshots,
    }));
  }

  /** Payload bytes and datagrams not sent, of all links there were. */
  get totals(): { bytesIn: number; bytesOut: number; unsent: number } {
    const totals = { ...this.closed };
    for (const { link } of this.entries.values()) {
      totals.bytesIn += link?.counters.bytesIn ?? 0;
      totals.bytesOut += link?.counters.bytesOut ?? 0;
      totals.unsent += link?.counters.unsent ?? 0;
    }
    return totals;
  }

  /** Sends a datagram on every link in use. */
  sendState(datagram: Uint8Array): void {
    const now = this.options.host.now();
    for (const entry of this.entries.values()) {
      if (entry.isAttached && this.ladder.useOf(entry.attempt) === 'active') {
        this.events.passing('up', now, entry.id, entry.rung, datagram);
        entry.link?.sendState(datagram);
      }
    }
  }

  /** Sends a message, once and in order. */
  sendMessage(message: ClientMessage): void {
    this.control.send(message);
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
    this.poll();
  }

  /** Time between two snapshots, in milliseconds, once the join has told it. */
  setInterval(interval: number): void {
    this.ladder.setInterval(interval);
  }

  /** Much is lost or late. */
  reportTrouble(): void {
    this.ladder.onTrouble(this.now());
  }

  /** No snapshots are expected while the page is hidden. */
  setPaused(paused: boolean): void {
    if (paused) {
      this.ladder.pause();
    } else {
      this.ladder.resume(this.now());
    }
    this.poll();
  }

  /** The page itself stood still for so long up to now. */
  excuse(stood: number): void {
    this.ladder.excuse(stood);
  }

  onNetworkChange(): void {
    this.ladder.onNetworkChange(this.now());
    this.poll();
  }

  /** Closes all links; nothing is told after it. */
  close(): void {
    this.isOver = true;
    this.cancelPoll?.();
    for (const entry of [...this.entries.values()]) {
      this.drop(entry);
    }
  }

  private now(): number {
    const now = this.options.host.now();
    this.events.woken(now);
    return now;
  }

  private poll(): void {
    if (this.isOver || this.isPolling) {
      return;
    }
    const now = this.now();
    // A link that fails while it is opened polls again from within.
    this.isPolling = true;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      for (const command of this.ladder.poll(now)) {
        this.execute(command);
      }
    }
    this.isPolling = false;
    this.chooseControl();
    this.control.poll(now);
    this.cancelPoll?.();
    this.cancelPoll = this.options.host.setTimer(() => this.poll(), POLL_MS);
  }

  private execute(command: LadderCommand): void {
    switch (command.kind) {
      case 'open':
        this.open(command.attempt, command.rung);
        break;
      case 'close': {
        const entry = this.entries.get(command.attempt);
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
    const { host, profile, token } = this.options;
    const entry: Entry = { attempt, rung, link: undefined, id: 0, isAttached: false, snapshots: 0 };
    this.entries.set(attempt, entry);
    const ticket: Ticket = {
      token,
      takeId: () => {
        entry.id = this.ids.take();
        return entry.id;
      },
      reserveId: () => {
        entry.id = this.ids.reserve();
        return entry.id;
      },
    };
    const link = openLink(host, offer, profile, ticket, {
      attached: () => this.onAttached(entry),
      state: (datagram) => this.onState(entry, datagram),
      frame: (frame) => this.onFrame(entry, frame),
      controlMoved: () => this.resumeControl(entry),
      closed: (end) => this.onClosed(entry, end),
    });
    if (this.entries.has(attempt)) {
      entry.link = link;
    }
  }

  private onAttached(entry: Entry): void {
    entry.isAttached = true;
    this.ids.attached(entry.id);
    this.ladder.onAttached(entry.attempt);
    this.poll();
  }

  private onState(entry: Entry, datagram: Uint8Array): void {
    const now = this.now();
    this.events.passing('down', now, entry.id, entry.rung, datagram);
    if (this.events.datagram(now, datagram)) {
      entry.snapshots += 1;
      entry.isAttached = true;
      this.ladder.onSnapshot(now, entry.attempt);
      this.poll();
    }
  }

  private onFrame(entry: Entry, frame: ServerFrame): void {
    if (entry.link !== undefined) {
      this.control.onFrame(entry.link, frame);
    }
  }

  private onClosed(entry: Entry, end: LinkEnd): void {
    if (this.isOver) {
      return;
    }
    this.drop(entry);
    if (end.reason !== 'lost' && SESSION_REASONS.has(end.reason)) {
      this.close();
      this.events.ended(end.reason);
      return;
    }
    const isStale = end.reason === 'stale-link';
    if (isStale) {
      this.ids.refused();
    }
    const now = this.now();
    this.ladder.onClosed(now, entry.attempt, `${end.reason}: ${end.detail}`, isStale);
    this.poll();
  }

  private drop(entry: Entry): void {
    if (this.entries.delete(entry.attempt) && entry.link !== undefined) {
      entry.link.close();
      this.closed.bytesIn += entry.link.counters.bytesIn;
      this.closed.bytesOut += entry.link.counters.bytesOut;
      this.closed.unsent += entry.link.counters.unsent;
    }
    if (!this.isOver) {
      this.chooseControl();
    }
  }

  private move(attempt: number | undefined, why: string): void {
    const from = this.carrier;
    this.carrier = attempt === undefined ? undefined : this.entries.get(attempt)?.rung;
    this.events.moved(from, this.carrier, why);
  }

  private sendUse(attempt: number, use: LinkUse): void {
    this.entries.get(attempt)?.link?.sendControl(encodeClientFrame({ kind: 'use', use }));
  }

  /** Control goes down the link that carries the game, else down the newest. */
  private chooseControl(): void {
    const current = this.ladder.current;
    const attached = [...this.entries.values()].filter(({ isAttached }) => isAttached);
    const chosen = attached.find(({ attempt }) => attempt === current) ?? attached.at(-1);
    this.control.moveTo(chosen?.link);
  }

  /** Frames sent on this link may be lost: says again what must be known. */
  private resumeControl(entry: Entry): void {
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
