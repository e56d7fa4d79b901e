/** A sentence that is told in passing, and goes by itself. */

/** How long it is read, in milliseconds. */
const LASTS = 6_000;

/** One sentence at a time. */
export class Note {
  private text = '';
  private since: number | undefined;

  /** Tells this from the next look on; an empty text takes back what there is. */
  say(text: string): void {
    this.text = text;
    this.since = undefined;
  }

  /** What there is to read at `now`, in milliseconds; its time begins with the first look. */
  read(now: number): string {
    this.since ??= now;
    if (now - this.since >= LASTS) {
      this.say('');
    }
    return this.text;
  }
}
