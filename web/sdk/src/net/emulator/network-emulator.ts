/**
 * Links made worse on purpose, by a {@link NetworkProfile}: State is lost, delayed, jittered and
 * doubled, Control held up in order. It wraps any link; the link below knows nothing of it.
 */

import type { Host } from '../../host.ts';
import type { Link, LinkEvents } from '../transport/link.ts';
import { DelayLine } from './delay-line.ts';
import {
  NETWORK_PROFILES,
  type NetworkProfile,
  type NetworkProfileName,
} from './network-profile.ts';
import { PathModel } from './path-model.ts';

/** Seeds: every visit meets the same path, so that two can be compared. */
const UP_SEED = 0x0b5;
const DOWN_SEED = 0xd05;

/** The bad path of one client. Its time starts when it is made; all links of the client share it. */
export class NetworkEmulator {
  private readonly up: OneWay;
  private readonly down: OneWay;

  constructor(host: Host, { up, down, shared_fades }: NetworkProfile) {
    const downLossSeed = shared_fades ? UP_SEED : DOWN_SEED;
    this.up = new OneWay(host, new PathModel(up, UP_SEED, UP_SEED));
    this.down = new OneWay(host, new PathModel(down, DOWN_SEED, downLossSeed));
  }

  /** Opens a link by `open` whose every word goes this path. */
  open(events: LinkEvents, open: (events: LinkEvents) => Link): Link {
    const down = new Lane(this.down);
    const up = new Lane(this.up);
    const inner = open({
      answered: () => down.frame(() => events.answered()),
      attached: () => down.frame(() => events.attached()),
      state: (datagram) => {
        const own = datagram.copy();
        down.datagram(() => events.state(own));
      },
      frame: (frame) => down.frame(() => events.frame(frame)),
      controlMoved: () => down.frame(() => events.controlMoved()),
      closed: (end) => {
        down.close();
        up.close();
        events.closed(end);
      },
    });
    return {
      rung: inner.rung,
      get stripes() {
        return inner.stripes;
      },
      counters: inner.counters,
      sendState: (datagram) => up.datagram(() => inner.sendState(datagram)),
      sendControl: (frame) => up.frame(() => inner.sendControl(frame)),
      close: () => {
        down.close();
        up.close();
        inner.close();
      },
    };
  }
}

/** The emulator of a profile, from now on. */
export function emulate(host: Host, name: NetworkProfileName): NetworkEmulator {
  return new NetworkEmulator(host, NETWORK_PROFILES[name]);
}

/** One direction of a path. */
class OneWay {
  readonly line: DelayLine;
  private readonly host: Host;
  private readonly model: PathModel;
  private readonly startedAt: number;

  constructor(host: Host, model: PathModel) {
    this.host = host;
    this.model = model;
    this.startedAt = host.now();
    this.line = new DelayLine(host);
  }

  /** When a datagram comes out that is sent now. */
  send(): readonly number[] {
    return this.model.send(this.host.now() - this.startedAt).map((at) => at + this.startedAt);
  }

  /** When a frame comes out that is sent now. */
  hold(): number {
    return this.model.hold(this.host.now() - this.startedAt) + this.startedAt;
  }
}

/** One direction of a path as one link uses it. */
class Lane {
  private readonly way: OneWay;
  private lastFrame = 0;
  private isClosed = false;

  constructor(way: OneWay) {
    this.way = way;
  }

  /** Passes it late, twice, or never. */
  datagram(pass: () => void): void {
    for (const due of this.way.send()) {
      this.hold(due, pass);
    }
  }

  /** Passes it late, behind all frames before it. */
  frame(pass: () => void): void {
    this.lastFrame = Math.max(this.lastFrame, this.way.hold());
    this.hold(this.lastFrame, pass);
  }

  close(): void {
    this.isClosed = true;
  }

  private hold(due: number, pass: () => void): void {
    this.way.line.hold(due, () => {
      if (!this.isClosed) {
        pass();
      }
    });
  }
}
