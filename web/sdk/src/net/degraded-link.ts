/**
 * A link made worse on purpose, by a {@link LinkProfile}: State is lost, delayed and jittered,
 * Control delayed in order. It wraps any link; the link below knows nothing of it.
 */

import type { Host } from '../host.ts';
import type { LinkProfile } from '../link-profile.ts';
import { seededRandom } from '../random.ts';
import type { Link, LinkEvents } from './link.ts';

/** The weather of one direction. Seeded by `random`. */
export class Weather {
  private readonly profile: LinkProfile;
  private readonly random: () => number;
  private isBad = false;

  constructor(profile: LinkProfile, random: () => number) {
    this.profile = profile;
    this.random = random;
  }

  /** How long the next datagram takes, in milliseconds; nothing when it is lost. */
  next(): number | undefined {
    const { good, bad } = this.profile;
    const stays = this.isBad ? bad : good;
    if (this.random() < 1 / stays) {
      this.isBad = !this.isBad;
    }
    return this.isBad ? undefined : this.delay();
  }

  /** How long a frame that can't be lost takes. */
  delay(): number {
    return this.profile.delay + this.random() * this.profile.jitter;
  }
}

/** Opens a link by `open` and gives it this weather. */
export function openDegradedLink(
  host: Host,
  profile: LinkProfile,
  events: LinkEvents,
  open: (events: LinkEvents) => Link,
): Link {
  const down = new Lane(host, new Weather(profile, seededRandom(1)));
  const up = new Lane(host, new Weather(profile, seededRandom(2)));
  const inner = open({
    attached: () => down.inOrder(() => events.attached()),
    state: (datagram) => down.anyhow(() => events.state(datagram)),
    frame: (frame) => down.inOrder(() => events.frame(frame)),
    controlMoved: () => down.inOrder(() => events.controlMoved()),
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
    sendState: (datagram) => up.anyhow(() => inner.sendState(datagram)),
    sendControl: (frame) => up.inOrder(() => inner.sendControl(frame)),
    close: () => {
      down.close();
      up.close();
      inner.close();
    },
  };
}

/** One direction of a degraded link. */
class Lane {
  private readonly host: Host;
  private readonly weather: Weather;
  private readonly queue: (() => void)[] = [];
  private isClosed = false;
  private lastDue = 0;

  constructor(host: Host, weather: Weather) {
    this.host = host;
    this.weather = weather;
  }

  /** Passes it late, or never. */
  anyhow(pass: () => void): void {
    const delay = this.weather.next();
    if (delay !== undefined && delay > 0) {
      this.after(delay, pass);
    } else if (delay !== undefined) {
      pass();
    }
  }

  /** Passes it late, behind all before it. */
  inOrder(pass: () => void): void {
    const now = this.host.now();
    this.lastDue = Math.max(this.lastDue, now + this.weather.delay());
    if (this.lastDue <= now && this.queue.length === 0) {
      pass();
      return;
    }
    // Timers of nearly the same moment may swap; the queue does not.
    this.queue.push(pass);
    this.after(this.lastDue - now, () => this.queue.shift()?.());
  }

  close(): void {
    this.isClosed = true;
  }

  private after(delay: number, pass: () => void): void {
    this.host.setTimer(() => {
      if (!this.isClosed) {
        pass();
      }
    }, delay);
  }
}
