/** What leads out of the game, for its buttons. */

/** The page, as the game sees it. */
export interface WaysOut {
  /** Gives the seat up and goes to the start screen. */
  leave(): void;
  /** Gives the seat up for one in a match that has just begun. */
  playElsewhere(): void;
  /** Whether the server keeps any records, as far as it is known. */
  hasLeaderboard(): boolean;
  openLeaderboard(): void;
  /** Opens the settings, or closes them where they are open. */
  toggleSettings(): void;
  /** A game begins: what covers the pond goes. */
  gameBegins(): void;
}
