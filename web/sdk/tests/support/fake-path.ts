/**
 * The ways through the fake network, in virtual time: datagrams that are lost, streams that send
 * again and hold up what follows, handshakes that wait a second for their own repeat.
 */

import type { Direction } from '../../src/datagram-tap.ts';
import { seededRandom } from '../../src/random.ts';
import type { RungKind } from '../../src/rung.ts';

/** One way in milliseconds; all rungs share the path. */
export interface PathQuality {
  delay: number;
  /** Share of datagrams lost. */
  loss: number;
  /** Share of stream segments that have to be sent again. */
  streamLoss: number;
}

/** Where a connection's packets come from, as the server knows it: a NAT may change it. */
export interface Binding {
  number: number;
}

/** What all connections of one client share. */
export class FakePath {
  readonly quality: PathQuality = { delay: 25, loss: 0, streamLoss: 0 };
  /** What goes nowhere: packets of these rungs vanish. */
  readonly blackholed = new Set<RungKind>();
  /** The same on the way up only. */
  readonly blackholedUp = new Set<RungKind>();
  /** In a gap nothing passes at all. */
  isGone = false;
  private readonly random = seededRandom(9);
  private binding = 0;

  bind(): Binding {
    return { number: this.binding };
  }

  /** The NAT forgets all it knew. */
  rebind(): void {
    this.binding += 1;
  }

  /** Whether the server still knows this client by where its packets come from. */
  isBound(binding: Binding): boolean {
    return binding.number === this.binding;
  }

  /** A packet from the client tells the server its new address. */
  renew(binding: Binding): void {
    binding.number = this.binding;
  }

  passes(rung: RungKind, way: Direction): boolean {
    const isSwallowed = way === 'up' && this.blackholedUp.has(rung);
    return !this.isGone && !this.blackholed.has(rung) && !isSwallowed;
  }

  /** Carries a datagram one way, if it isn't lost. */
  datagram(rung: RungKind, way: Direction, deliver: () => void): void {
    const isLost = this.random() < this.quality.loss;
    setTimeout(() => {
      if (!isLost && this.passes(rung, way)) {
        deliver();
      }
    }, this.quality.delay);
  }

  /** Carries a connect through so many one-way trips. A packet that is lost is sent again late. */
  handshake(rung: RungKind, trips: number, done: () => void, pause = 1_000): void {
    if (trips === 0) {
      done();
      return;
    }
    setTimeout(() => {
      if (this.passes(rung, 'up')) {
        this.handshake(rung, trips - 1, done);
      } else {
        const { delay } = this.quality;
        setTimeout(() => this.handshake(rung, trips, done, 2 * pause), Math.max(0, pause - delay));
      }
    }, this.quality.delay);
  }

  loses(): boolean {
    return this.quality.streamLoss > 0 && this.random() < this.quality.streamLoss;
  }
}

/** One direction of a reliable, ordered stream. */
export class FakeStream {
  private readonly path: FakePath;
  private readonly rung: RungKind;
  private readonly way: Direction;
  private readonly isOpen: () => boolean;
  private readonly segments: { deliver: () => void; isHere: boolean }[] = [];
  private retry: ReturnType<typeof setTimeout> | undefined;

  /** While not `isOpen`, nothing passes, however often it is sent. */
  constructor(path: FakePath, rung: RungKind, way: Direction, isOpen: () => boolean) {
    this.path = path;
    this.rung = rung;
    this.way = way;
    this.isOpen = isOpen;
  }

  send(deliver: () => void): void {
    const segment = { deliver, isHere: false };
    this.segments.push(segment);
    const isLost = this.path.loses();
    setTimeout(() => {
      if (!isLost && this.passes()) {
        segment.isHere = true;
        this.flush();
      } else {
        this.sendAgain(200 + this.path.quality.delay);
      }
    }, this.path.quality.delay);
  }

  private passes(): boolean {
    return this.path.passes(this.rung, this.way) && this.isOpen();
  }

  private sendAgain(pause: number): void {
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      if (!this.passes()) {
        this.sendAgain(2 * pause);
        return;
      }
      // What was sent meanwhile and lost as well follows the first within a round trip.
      for (const segment of this.segments) {
        segment.isHere = true;
      }
      this.flush();
    }, pause);
  }

  private flush(): void {
    while (this.segments[0]?.isHere === true) {
      this.segments.shift()?.deliver();
    }
  }
}
