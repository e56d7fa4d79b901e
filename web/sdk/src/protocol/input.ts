/**
 * Batches of inputs: one per tick, the last several in each datagram, so that a lost datagram loses
 * no input.
 */

import type { Reader, Writer } from './codec.ts';

/** Most inputs in one batch; at 60 ticks a second that rides over 260 ms without a datagram. */
export const MAX_INPUTS = 16;

/** The view lag of a player who sees nothing yet. */
export const NO_VIEW = 255;

/** Inputs for consecutive ticks, the newest first: `inputs[i]` is for the tick *i* before `newest`. */
export interface InputBatch<Input> {
  readonly newest: number;
  /**
   * Ticks by which the picture that the player sees lies behind the snapshot that the header's `ack`
   * names, 254 for more; {@link NO_VIEW} while there is none.
   */
  readonly viewLag: number;
  /** At most {@link MAX_INPUTS}; an empty batch only acknowledges. */
  readonly inputs: readonly Input[];
}

/** Writes a batch of so many inputs, which are encoded one behind the other. */
export function writeInputBatch(
  writer: Writer,
  newest: number,
  viewLag: number,
  count: number,
  inputs: Uint8Array,
): void {
  writer.u32(newest).u8(viewLag).u32(count).raw(inputs);
}

export function readInputBatch<Input>(
  reader: Reader,
  decodeInput: (reader: Reader) => Input,
): InputBatch<Input> {
  return {
    newest: reader.u32(),
    viewLag: reader.u8(),
    inputs: reader.list(MAX_INPUTS, decodeInput),
  };
}
