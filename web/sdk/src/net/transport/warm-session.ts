/**
 * A WebTransport session that is opened before its player joins, so that the join finds it up: two
 * round trips less from the click to the first snapshot. One at a time, and only for a while, for
 * the server has few places for those who hold no seat.
 */

import type { Host } from '../../host.ts';
import type { RungOffer } from '../../rung.ts';
import { webTransportOptions } from './webtransport-options.ts';

type Offer = Extract<RungOffer, { kind: 'webtransport' }>;

/** It is closed when nobody has joined for so long, in milliseconds. The server waits for 30 s. */
const LIFE_MS = 10_000;

/** One that is older makes room for a new one. */
const FRESH_MS = 5_000;

/** One that isn't up after so long may have lost what it sent: a new one is faster. */
const SLOW_MS = 1_000;

interface Opened {
  readonly transport: WebTransport;
  /** Which offer it leads to. */
  readonly key: string;
  readonly since: number;
  readonly cancel: () => void;
  isUp: boolean;
}

/** The session of a page whose player hasn't joined. */
export class WarmSession {
  private readonly host: Host;
  private opened: Opened | undefined;

  constructor(host: Host) {
    this.host = host;
  }

  /** Opens one to this offer, if none is that was opened lately. A browser that can't has none. */
  open(offer: Offer): void {
    const key = keyOf(offer);
    const isFresh = this.opened !== undefined && this.host.now() - this.opened.since < FRESH_MS;
    if (isFresh && this.opened?.key === key) {
      return;
    }
    this.close();
    try {
      const options = webTransportOptions(offer.certificateHashes);
      const transport = this.host.openWebTransport?.(offer.url, options);
      if (transport !== undefined) {
        this.keep(transport, key);
      }
    } catch {
      // The join tries it again, and tells.
    }
  }

  private keep(transport: WebTransport, key: string): void {
    const opened: Opened = {
      transport,
      key,
      since: this.host.now(),
      cancel: this.host.setTimer(() => this.close(), LIFE_MS),
      isUp: false,
    };
    this.opened = opened;
    const gone = (): void => {
      if (this.opened === opened) {
        this.close();
      }
    };
    transport.ready.then(() => {
      opened.isUp = true;
    }, gone);
    transport.closed.then(gone, gone);
  }

  /** Whether the one to any of these offers is up. */
  isUp(offers: readonly RungOffer[]): boolean {
    const { opened } = this;
    const leadsThere = (offer: RungOffer): boolean =>
      offer.kind === 'webtransport' && keyOf(offer) === opened?.key;
    return opened?.isUp === true && offers.some(leadsThere);
  }

  /** Gives away the one to this offer, if there is one that is up or about to be. */
  take(offer: Offer): WebTransport | undefined {
    const { opened } = this;
    if (opened === undefined || opened.key !== keyOf(offer)) {
      return undefined;
    }
    if (!opened.isUp && this.host.now() - opened.since > SLOW_MS) {
      this.close();
      return undefined;
    }
    opened.cancel();
    this.opened = undefined;
    return opened.transport;
  }

  close(): void {
    const { opened } = this;
    this.opened = undefined;
    opened?.cancel();
    try {
      opened?.transport.close();
    } catch {
      // One that never came up may throw; it is gone all the same.
    }
  }
}

function keyOf({ url, certificateHashes }: Offer): string {
  return [url, ...certificateHashes].join(' ');
}
