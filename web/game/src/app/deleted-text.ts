/** What is said to who was deleted on another device. */

/** Before a game. */
export const DELETED_ELSEWHERE =
  'This player was deleted on another device. You are somebody new from now on.';

/** In a game, whose seat stays the deleted player's. */
export const DELETED_IN_GAME =
  'This player was deleted on another device. Leave and play again as somebody new.';
