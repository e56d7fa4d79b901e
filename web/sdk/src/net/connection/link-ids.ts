/**
 * Numbers for links. The server refuses a link whose number is not newer than all that attached
 * before, so a number is best taken at the moment of the attach; WebRTC, which names its number a
 * second ahead, takes one from further on.
 */
export class LinkIds {
  /** How far ahead a reserved number lies: more links than will attach meanwhile. */
  private static readonly RESERVE = 64;

  private newest = 0;
  private highest = 0;

  /** A number for a link that attaches now. */
  take(): number {
    this.newest += 1;
    this.highest = Math.max(this.highest, this.newest);
    return this.newest;
  }

  /** A number for a link that attaches later. */
  reserve(): number {
    this.highest += LinkIds.RESERVE;
    return this.highest;
  }

  /** A link with this number has attached: later ones must be newer. */
  attached(id: number): void {
    this.newest = Math.max(this.newest, id);
  }

  /** The server has refused a number as stale: pass all that were given out. */
  refused(): void {
    this.newest = this.highest;
  }
}
