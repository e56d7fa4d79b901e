/** Holds what is on its way until it is due. Decides nothing itself. */

import type { Host } from '../../host.ts';

interface Held {
  readonly due: number;
  readonly pass: () => void;
}

/** A queue in order of due time; what is due at the same moment comes out in the order it went in. */
export class DelayLine {
  private readonly host: Host;
  private readonly held: Held[] = [];
  private cancel: (() => void) | undefined;

  constructor(host: Host) {
    this.host = host;
  }

  /** Calls `pass` at `due` by the host's clock: at once where that is now, else by a timer. */
  hold(due: number, pass: () => void): void {
    const behind = this.held.findLastIndex((other) => other.due <= due);
    this.held.splice(behind + 1, 0, { due, pass });
    this.flush();
  }

  private flush(): void {
    for (let first = this.held[0]; first !== undefined; first = this.held[0]) {
      if (first.due > this.host.now()) {
        break;
      }
      this.held.shift();
      first.pass();
    }
    this.wake();
  }

  private wake(): void {
    this.cancel?.();
    const first = this.held[0];
    this.cancel =
      first && this.host.setTimer(() => this.flush(), Math.max(0, first.due - this.host.now()));
  }
}
