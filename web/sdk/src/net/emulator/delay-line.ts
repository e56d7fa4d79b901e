/** Holds what is on its way until it is due. Decides nothing itself. */

import type { Host } from '../../host.ts';

interface Delayed {
  readonly due: number;
  readonly pass: () => void;
}

/** A queue in order of due time; what is due at the same moment comes out in the order it went in. */
export class DelayLine {
  private readonly host: Host;
  private readonly delayed: Delayed[] = [];
  private cancel: (() => void) | undefined;

  constructor(host: Host) {
    this.host = host;
  }

  /** Calls `pass` at `due` by the host's clock: at once where that is now, else by a timer. */
  hold(due: number, pass: () => void): void {
    const behind = this.delayed.findLastIndex((other) => other.due <= due);
    this.delayed.splice(behind + 1, 0, { due, pass });
    this.flush();
  }

  private flush(): void {
    for (let first = this.delayed[0]; first !== undefined; first = this.delayed[0]) {
      if (first.due > this.host.now()) {
        break;
      }
      this.delayed.shift();
      first.pass();
    }
    this.wake();
  }

  private wake(): void {
    this.cancel?.();
    const first = this.delayed[0];
    this.cancel =
      first && this.host.setTimer(() => this.flush(), Math.max(0, first.due - this.host.now()));
  }
}
