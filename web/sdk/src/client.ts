/** The client: one player's session with one server. */

import type { Sample } from './adapter.ts';
import type { ClientEvents, ClientOptions, JoinRequest, Status, Welcomed } from './events.ts';
import type { Stats } from './stats.ts';

/** One player's session with one server, over whatever links there are. It draws nothing. */
export class BattleClient<View, Input, Own = never> {
  constructor(options: ClientOptions<View, Input, Own>) {
    void options;
  }

  /** Where the client stands now. */
  get status(): Status {
    throw new Error('unimplemented');
  }

  /** Calls `handler` at each event of this kind; the function given back ends that. */
  on<K extends keyof ClientEvents>(kind: K, handler: (event: ClientEvents[K]) => void): () => void {
    void [kind, handler];
    throw new Error('unimplemented');
  }

  /**
   * Asks the server for its rungs ahead of time, at page load, so that links open at once with the
   * join. Never fails: without an answer `connect()` does it all.
   */
  prepare(): void {
    throw new Error('unimplemented');
  }

  /**
   * Joins and plays. Resolves with the session's welcome.
   *
   * @throws {@link ConnectError} when the server refuses or can't be reached.
   */
  connect(request: JoinRequest): Promise<Welcomed> {
    void request;
    throw new Error('unimplemented');
  }

  /** The player's input from now on, for every tick until it is set anew. */
  setInput(input: Input): void {
    void input;
    throw new Error('unimplemented');
  }

  /** Sends something that isn't an input of a tick, reliably; the bytes are the game's own. */
  action(bytes: Uint8Array): void {
    void bytes;
    throw new Error('unimplemented');
  }

  /**
   * What to draw at `now` (`performance.now()`, the default); nothing before the first snapshot.
   * To be called once a frame.
   */
  sample(now?: number): Sample<View, Own> | undefined {
    void now;
    throw new Error('unimplemented');
  }

  /** Says that the page is hidden or seen again; the client also finds out by itself. */
  setHidden(hidden: boolean): void {
    void hidden;
    throw new Error('unimplemented');
  }

  stats(): Stats {
    throw new Error('unimplemented');
  }

  /** Gives the seat up and closes all links. */
  leave(): void {
    throw new Error('unimplemented');
  }
}
