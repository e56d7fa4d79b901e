/** Who could eat whom, for colours and for the autopilot; the server alone decides. */

/** By how much larger the eater's mass must be. */
const MARGIN = 1.15;

/** Whether a circle of radius `eater` could eat one of radius `victim`; both in one unit. */
export function canEat(eater: number, victim: number): boolean {
  return eater * eater >= victim * victim * MARGIN;
}
