/**
 * What the server keeps of players, as far as the page needs it before any panel is open: who plays
 * here, whether there is a leaderboard at all, and where one stands today.
 */

import {
  ConnectError,
  type Identity,
  IdentityStore,
  isDeletedPlayer,
  type Joined,
  type LeaderboardEntry,
  readLeaderboard,
  readOwnProfile,
} from '@battle-circles/sdk';

/** The records of the server that the page plays on. */
export class Records {
  private isMissing = false;
  /** Whom the newest join was asked for. */
  private joining: Identity | undefined;

  /** Tests put a store and a server of their own in the place of the browser's. */
  constructor(
    private readonly origin: string,
    readonly store = new IdentityStore({ origin }),
    private readonly read: typeof readLeaderboard = readLeaderboard,
    private readonly readOwn: typeof readOwnProfile = readOwnProfile,
  ) {}

  /** Whether there is a leaderboard to show, as far as it is known. */
  get isOffered(): boolean {
    return !this.isMissing;
  }

  /** Whom a join is for; to be asked before each, as another tab may have begun anew. */
  identityToJoin(): Identity {
    this.joining = this.store.current().identity;
    return this.joining;
  }

  /** A session has begun. A resumed seat may be that of who played here before. */
  joined({ player, resumed }: Pick<Joined, 'player' | 'resumed'>): void {
    if (this.joining !== undefined && !resumed) {
      this.store.learn(this.joining, player);
    }
  }

  /** Whether there is a leaderboard to show. A server that doesn't answer may have one. */
  async isThere(): Promise<boolean> {
    await this.ownEntryToday();
    return this.isOffered;
  }

  /**
   * Whether who plays here was deleted on another device; somebody new plays here then. Who has never
   * played from here isn't asked about, and without an answer nobody is deleted.
   */
  async findDeleted(): Promise<boolean> {
    const { identity, player } = this.store.current();
    if (this.isMissing || player === undefined) {
      return false;
    }
    try {
      await this.readOwn(this.origin, identity);
      return false;
    } catch (error) {
      return isDeletedPlayer(error) && this.store.renew(identity);
    }
  }

  /** One's own place today; nothing where it isn't known, for whatever reason. */
  async ownEntryToday(): Promise<LeaderboardEntry | undefined> {
    if (this.isMissing) {
      return undefined;
    }
    const { player } = this.store.current();
    try {
      return (await this.read(this.origin, { window: 'day', limit: 1, player })).own;
    } catch (error) {
      this.isMissing = isNoStorage(error);
      return undefined;
    }
  }
}

/** Whether the server keeps nothing of anybody; one that is too old to know the question included. */
export function isNoStorage(error: unknown): boolean {
  return error instanceof ConnectError && error.status === 404;
}
