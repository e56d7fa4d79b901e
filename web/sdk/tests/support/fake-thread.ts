/** The page's main thread: while it is busy, timers and whatever comes in must wait. */
export class FakeThread {
  private isBusy = false;
  private readonly overdue: (() => void)[] = [];
  private readonly backlog: (() => void)[] = [];

  /** Runs a task of the page, once it may. */
  run(task: () => void, isTimer = false): void {
    if (this.isBusy) {
      (isTimer ? this.overdue : this.backlog).push(task);
    } else {
      task();
    }
  }

  /** Keeps the thread busy while `meanwhile` lasts; overdue timers come first, the worst case. */
  async block(meanwhile: () => Promise<void>, settle: () => Promise<void>): Promise<void> {
    this.isBusy = true;
    await meanwhile();
    this.isBusy = false;
    for (const queue of [this.overdue, this.backlog]) {
      for (const task of queue.splice(0)) {
        task();
        await settle();
      }
    }
  }
}
