/**
 * Sequence numbers of State datagrams: 16 bits that wrap around. They are compared by the shorter
 * way around (RFC 1982), so two numbers may be compared while they are less than 32,768 apart.
 */

/** Number of a State datagram within a session and direction, 0 to 65,535. */
export type Sequence = number;

/** The number `steps` after this one; `steps` may be negative. */
export function sequencePlus(sequence: Sequence, steps: number): Sequence {
  return (sequence + steps) & 0xffff;
}

/** How many steps `a` is after `b`, by the shorter way around; negative when before. */
export function sequenceDistance(a: Sequence, b: Sequence): number {
  return ((a - b) << 16) >> 16;
}
