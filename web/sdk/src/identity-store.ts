/**
 * Who plays in this browser, kept for the visits to come. Storage that is missing, full or forbidden
 * is done without: the identity then lasts as long as the page.
 */

import type { TabStorage } from './events.ts';
import { browserHost, type Host } from './host.ts';
import { Identity } from './identity.ts';

/** An identity and what is known of it. */
export interface KeptIdentity {
  readonly identity: Identity;
  /** The public player id, a UUID; unknown until a join or the own profile has told it. */
  readonly player: string | undefined;
}

/** Where an identity comes from and where it is kept. */
export interface IdentityStoreOptions {
  /** The server whose player this is, for example `https://play.example`; default: the page's own. */
  readonly origin?: string;
  /** What outlives the page; default: `localStorage` where there is one. It may throw. */
  readonly storage?: TabStorage | undefined;
}

/** The identity on one server. Each server has another, so that none can play as you elsewhere. */
export class IdentityStore {
  private readonly host: Host;
  private storage: TabStorage | undefined;
  private readonly key: string;
  /** Of this page; what another tab has kept since comes before it. */
  private own: KeptIdentity | undefined;

  /** `host` stands in for the browser in tests. */
  constructor(options: IdentityStoreOptions = {}, host: Host = browserHost()) {
    this.host = host;
    this.storage = options.storage ?? host.storage;
    this.key = `battle-circles.identity ${options.origin ?? host.origin}`;
  }

  /** Who plays here; the first time somebody new. */
  current(): KeptIdentity {
    const kept = this.read() ?? this.own ?? this.begin(Identity.create(this.host));
    this.own = kept;
    return kept;
  }

  /** The server has told the player id of an identity; one that isn't the current one is left alone. */
  learn(identity: Identity, player: string): void {
    const current = this.current();
    if (current.identity.key === identity.key && current.player !== player) {
      this.keep({ identity, player });
    }
  }

  /** Somebody from another device plays here from now on. */
  adopt(identity: Identity): void {
    if (this.current().identity.key !== identity.key) {
      this.begin(identity);
    }
  }

  /**
   * Somebody new plays here from now on, as after a deletion. With `deleted` only where that one still
   * plays here: another tab may have begun anew. Says whether it is so.
   */
  renew(deleted?: Identity): boolean {
    const isDue = deleted === undefined || this.current().identity.key === deleted.key;
    if (isDue) {
      this.begin(Identity.create(this.host));
    }
    return isDue;
  }

  private begin(identity: Identity): KeptIdentity {
    return this.keep({ identity, player: undefined });
  }

  private keep(kept: KeptIdentity): KeptIdentity {
    this.own = kept;
    const { identity, player } = kept;
    try {
      this.storage?.setItem(this.key, JSON.stringify({ key: identity.key, player }));
    } catch {
      this.giveUpStorage();
    }
    return kept;
  }

  /** What can't be overwritten must not come back as the current one. */
  private giveUpStorage(): void {
    const { storage } = this;
    this.storage = undefined;
    try {
      storage?.removeItem(this.key);
    } catch {
      // The identity before may come back with the next page.
    }
  }

  private read(): KeptIdentity | undefined {
    try {
      return parseKept(JSON.parse(this.storage?.getItem(this.key) ?? 'null'));
    } catch {
      return undefined;
    }
  }
}

function parseKept(value: unknown): KeptIdentity | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const { key, player } = value as Record<string, unknown>;
  const identity = typeof key === 'string' ? Identity.parse(key) : undefined;
  return identity && { identity, player: typeof player === 'string' ? player : undefined };
}
