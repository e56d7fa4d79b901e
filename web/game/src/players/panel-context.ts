/** What the panels about players need of the page. */

import type { IdentityStore } from '@battle-circles/sdk';

/** The page, as a panel sees it. */
export interface PanelContext {
  /** Of the server. */
  readonly origin: string;
  readonly store: IdentityStore;
  /** The room that the address names. */
  readonly room: string | undefined;
  /** The name that the next game is joined with; empty where none is given. */
  name(): string;
  setName(name: string): void;
  /** It came out that the server keeps nothing of anybody. */
  onNoStorage(): void;
}
