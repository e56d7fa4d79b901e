/** The player of this browser: what the server knows of it, and all that can be done with it. */

import {
  deletePlayer,
  type Identity,
  type IdentityStore,
  identityCode,
  identityFromCode,
  isDeletedPlayer,
  type PlayerProfile,
  readOwnProfile,
  renamePlayer,
} from '@battle-circles/sdk';

/** The server's side; tests put their own in its place. */
export interface PlayerCalls {
  readonly read: typeof readOwnProfile;
  readonly rename: typeof renamePlayer;
  readonly delete: typeof deletePlayer;
}

const SERVER: PlayerCalls = { read: readOwnProfile, rename: renamePlayer, delete: deletePlayer };

/** Who plays here. */
export class OwnPlayer {
  constructor(
    private readonly origin: string,
    private readonly store: IdentityStore,
    private readonly calls: PlayerCalls = SERVER,
  ) {}

  /** Whether the server has told its id: by a join from here, or with its profile. */
  get isKnown(): boolean {
    return this.store.current().player !== undefined;
  }

  /** For another device. */
  get code(): string {
    return identityCode(this.store.current().identity);
  }

  /**
   * What the server has of it; nothing before a game of it has ended.
   *
   * @throws ConnectError; where it was deleted on another device, somebody new plays here by then.
   */
  async profile(): Promise<PlayerProfile | undefined> {
    const { identity } = this.store.current();
    const profile = await this.orRenew(identity, this.calls.read(this.origin, identity));
    if (profile !== undefined) {
      // The leaderboard finds the own row by it.
      this.store.learn(identity, profile.id);
    }
    return profile;
  }

  /**
   * Renames it where it has played; gives nothing where the name counts from the next game on.
   *
   * @throws ConnectError as {@link OwnPlayer.profile}
   */
  async rename(name: string): Promise<PlayerProfile | undefined> {
    const { identity } = this.store.current();
    return await this.orRenew(identity, this.calls.rename(this.origin, identity, name));
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
   * The player of another device plays here from now on, unless the server says that it was deleted.
   *
   * @throws IdentityCodeError
   * @throws ConnectError; who plays here stays the same.
   */
  async adopt(code: string): Promise<void> {
    const identity = identityFromCode(code);
    const profile = await this.calls.read(this.origin, identity);
    this.store.adopt(identity);
    if (profile !== undefined) {
      this.store.learn(identity, profile.id);
    }
  }

  /** Deletes all that the server has of it. Only then is somebody new here. */
  async delete(): Promise<void> {
    const { identity } = this.store.current();
    await this.calls.delete(this.origin, identity);
    this.store.renew(identity);
  }

  private async orRenew<Answer>(identity: Identity, answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (error) {
      if (isDeletedPlayer(error)) {
        this.store.renew(identity);
      }
      throw error;
    }
  }
}
