/** The player of this browser: what the server knows of it, and all that can be done with it. */

import {
  deletePlayer,
  type IdentityStore,
  identityCode,
  identityFromCode,
  type PlayerProfile,
  readProfile,
  renamePlayer,
} from '@battle-circles/sdk';

/** The server's side; tests put their own in its place. */
export interface PlayerCalls {
  readonly read: typeof readProfile;
  readonly rename: typeof renamePlayer;
  readonly delete: typeof deletePlayer;
}

const SERVER: PlayerCalls = { read: readProfile, rename: renamePlayer, delete: deletePlayer };

/** Who plays here. */
export class OwnPlayer {
  constructor(
    private readonly origin: string,
    private readonly store: IdentityStore,
    private readonly calls: PlayerCalls = SERVER,
  ) {}

  /** Whether it has joined from this browser, so that the server can be asked about it. */
  get isKnown(): boolean {
    return this.store.current().player !== undefined;
  }

  /** For another device. */
  get code(): string {
    return identityCode(this.store.current().identity);
  }

  /** What the server has of it; nothing before a game of it has ended. */
  async profile(): Promise<PlayerProfile | undefined> {
    const { player } = this.store.current();
    return player === undefined ? undefined : await this.calls.read(this.origin, player);
  }

  /** Renames it where it has played; gives nothing where the name counts from the next game on. */
  async rename(name: string): Promise<PlayerProfile | undefined> {
    const { player, identity } = this.store.current();
    return player === undefined
      ? undefined
      : await this.calls.rename(this.origin, player, identity, name);
  }

  /**
   * Whether this code is of somebody else than who plays here.
   *
   * @throws IdentityCodeError
   */
  isOther(code: string): boolean {
    return identityFromCode(code).key !== this.store.current().identity.key;
  }

  /**
   * The player of another device plays here from now on.
   *
   * @throws IdentityCodeError
   */
  adopt(code: string): void {
    this.store.adopt(identityFromCode(code));
  }

  /** Deletes all that the server has of it. Only then is somebody new here. */
  async delete(): Promise<void> {
    const { player, identity } = this.store.current();
    if (player === undefined) {
      return;
    }
    await this.calls.delete(this.origin, player, identity);
    // Another tab may have begun anew meanwhile.
    if (this.store.current().identity.key === identity.key) {
      this.store.renew();
    }
  }
}
