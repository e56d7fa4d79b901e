/**
 * Which inputs hold a press, something that a further tick would not repeat. Such an input has no
 * other to stand in for it, so that it goes out again until the server is known to have it.
 */

import type { GameAdapter } from '../adapter.ts';
import { Writer } from '../protocol/codec.ts';
import { MAX_INPUTS } from '../protocol/input.ts';

/** The last presses, by tick. */
export class UnackedPresses<Input> {
  private readonly adapter: Pick<GameAdapter<never, Input>, 'encodeInput' | 'repeatInput'>;
  private readonly scratch = [new Writer(64), new Writer(64)] as const;
  private ticks: number[] = [];

  constructor(adapter: Pick<GameAdapter<never, Input>, 'encodeInput' | 'repeatInput'>) {
    this.adapter = adapter;
  }

  /** Notes the input of a tick. */
  onInput(tick: number, input: Input): void {
    if (this.isPress(input)) {
      this.ticks = [...this.ticks, tick].slice(-MAX_INPUTS);
    }
  }

  /** The presses after the tick that the server has acknowledged, the oldest first. */
  after(acked: number): readonly number[] {
    if (this.ticks.length > 0) {
      this.ticks = this.ticks.filter((tick) => tick > acked);
    }
    return this.ticks;
  }

  private isPress(input: Input): boolean {
    const repeated = this.adapter.repeatInput?.(input) ?? input;
    if (repeated === input) {
      return false;
    }
    const [first, further] = this.scratch;
    try {
      this.adapter.encodeInput(first.clear(), input);
      this.adapter.encodeInput(further.clear(), repeated);
    } catch {
      // Whoever guards the adapter reports it when the input is sent.
      return false;
    }
    const [a, b] = [first.view(), further.view()];
    return a.length !== b.length || a.some((byte, at) => byte !== b[at]);
  }
}
