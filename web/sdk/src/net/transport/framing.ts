/** Frames on a byte stream, as WebTransport's Control lane has them: u16le length, then bytes. */

import { DecodeError } from '../../protocol/codec.ts';
import { MAX_CONTROL_FRAME } from '../../protocol/limits.ts';

const PREFIX = 2;

/** A frame with its length before it. */
export function withLength(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PREFIX + frame.length);
  bytes[0] = frame.length & 0xff;
  bytes[1] = frame.length >>> 8;
  bytes.set(frame, PREFIX);
  return bytes;
}

/** Cuts a stream into frames. Holds at most one frame and one chunk. */
export class FrameSplitter {
  private pending = new Uint8Array(0);

  /**
   * Takes the next bytes; gives the frames that are whole now.
   *
   * @throws {@link DecodeError} when a frame announces more than {@link MAX_CONTROL_FRAME}.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const bytes = new Uint8Array(this.pending.length + chunk.length);
    bytes.set(this.pending);
    bytes.set(chunk, this.pending.length);
    const frames: Uint8Array[] = [];
    let at = 0;
    while (bytes.length - at >= PREFIX) {
      const length = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
      if (length > MAX_CONTROL_FRAME) {
        throw new DecodeError('oversized', `frame of ${length} bytes`);
      }
      if (bytes.length - at - PREFIX < length) {
        break;
      }
      frames.push(bytes.subarray(at + PREFIX, at + PREFIX + length));
      at += PREFIX + length;
    }
    this.pending = bytes.slice(at);
    return frames;
  }
}
