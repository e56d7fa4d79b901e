/** Which tick of a match is shown: play, pause, speed, and going elsewhere. It knows no clock. */

/** Speeds to choose from. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4] as const;

/** One match's playback. Ticks have fractions. */
export class Playback {
  isPlaying = false;
  speed = 1;
  private at: number;
  private jumped = true;

  constructor(
    readonly start: number,
    readonly end: number,
    readonly tickRate: number,
  ) {
    this.at = start;
  }

  get tick(): number {
    return this.at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  /** Goes on by so many milliseconds of the page's time; at the end it stops. */
  advance(milliseconds: number): void {
    if (this.isPlaying) {
      this.at = Math.min(this.end, this.at + (milliseconds / 1_000) * this.tickRate * this.speed);
      this.isPlaying = this.at < this.end;
    }
  }

  /** Plays, or stands still. From the end it begins anew. */
  toggle(): void {
    if (!this.isPlaying && this.isAtEnd) {
      this.seek(this.start);
    }
    this.isPlaying = !this.isPlaying;
  }

  /** Goes to a tick within the match. */
  seek(tick: number): void {
    this.at = Math.min(this.end, Math.max(this.start, tick));
    this.jumped = true;
  }

  /** Goes so many seconds on, or back. */
  skip(seconds: number): void {
    this.seek(this.at + seconds * this.tickRate);
  }

  /** Stands still and goes so many ticks on, or back, to a whole one. */
  step(ticks: number): void {
    this.isPlaying = false;
    this.seek(Math.round(this.at) + ticks);
  }

  /** Whether the tick was gone to without a way there, since this was asked last. */
  takeJump(): boolean {
    const { jumped } = this;
    this.jumped = false;
    return jumped;
  }
}

/** Minutes, seconds and tenths since the start, `1:05.3`. */
export function matchTime(ticks: number, tickRate: number): string {
  const tenths = Math.floor((ticks * 10) / tickRate + 0.001);
  const seconds = Math.floor(tenths / 10);
  const two = String(seconds % 60).padStart(2, '0');
  return `${Math.floor(seconds / 60)}:${two}.${tenths % 10}`;
}
