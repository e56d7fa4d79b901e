/** Why a file can't be opened, as a sentence for who opened it. */

export class ReplayFileError extends Error {
  override readonly name = 'ReplayFileError';
}

/** A file whose bytes are not what its head promises. */
export const DAMAGED = 'This file is damaged or cut off.';
