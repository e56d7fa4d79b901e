/** The inputs that the client stepped with, for the replay and for the wire. */

/** Inputs by tick, of the last ticks without a gap. */
export class InputHistory<Input> {
  /** Ticks held: over four seconds at 60 a second. */
  private static readonly CAPACITY = 256;

  private readonly inputs: Input[] = [];
  private newest = -1;

  /** The newest tick that has an input; −1 when none has. */
  get newestTick(): number {
    return this.newest;
  }

  /** The oldest tick that has an input. */
  get oldestTick(): number {
    return this.newest - this.inputs.length + 1;
  }

  /** Sets the input of `tick`; one that doesn't follow the newest begins the history anew. */
  push(tick: number, input: Input): void {
    if (tick !== this.newest + 1) {
      this.inputs.length = 0;
    }
    this.inputs.push(input);
    if (this.inputs.length > InputHistory.CAPACITY) {
      this.inputs.shift();
    }
    this.newest = tick;
  }

  at(tick: number): Input | undefined {
    return this.inputs[tick - this.oldestTick];
  }
}
