/** Datagrams that the browser keeps for a page that reads none; of more it drops the oldest. */
const MOST_DATAGRAMS = 32;

/** The page's main thread: while it is busy, timers and whatever comes in must wait. */
export class FakeThread {
  private isBusy = false;
  private readonly overdue: (() => void)[] = [];
  private readonly backlog: (() => void)[] = [];
  private readonly datagrams: (() => void)[] = [];
  /** Datagrams that were dropped because the page did not read them. */
  dropped = 0;

  /** Runs a task of the page, once it may. */
  run(task: () => void, isTimer = false): void {
    if (this.isBusy) {
      (isTimer ? this.overdue : this.backlog).push(task);
    } else {
      task();
    }
  }

  /** Hands a datagram to the page, once it may read it. */
  read(datagram: () => void): void {
    if (!this.isBusy) {
      datagram();
      return;
    }
    this.datagrams.push(datagram);
    if (this.datagrams.length > MOST_DATAGRAMS) {
      this.datagrams.shift();
      this.dropped += 1;
    }
  }

  /** Keeps the thread busy while `meanwhile` lasts; overdue timers come first, the worst case. */
  async block(meanwhile: () => Promise<void>, settle: () => Promise<void>): Promise<void> {
    this.isBusy = true;
    await meanwhile();
    this.isBusy = false;
    for (const queue of [this.overdue, this.backlog, this.datagrams]) {
      for (const task of queue.splice(0)) {
        task();
        await settle();
      }
    }
  }
}
