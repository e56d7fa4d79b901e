/**
 * Whole numbers from a string of bits: the twin of `protocol/src/bits.rs`, reading side only.
 * It knows no view.
 */

import { DecodeError } from '@battle-circles/sdk';

/** Most bits that an encoded number's `w` may have: those of 2^32 − 1 plus 2^10. */
const MAX_WIDTH = 33;

/** Reads bits from bytes, each byte from its highest bit down. */
export class BitReader {
  private bytes = new Uint8Array(0);
  private at = 0;
  /** Bits of the present byte that are still unread. */
  private left = 0;
  private byte = 0;

  /** Begins anew on other bytes, which it neither copies nor changes. */
  reset(bytes: Uint8Array<ArrayBufferLike>): this {
    this.bytes = bytes as Uint8Array<ArrayBuffer>;
    this.at = 0;
    this.left = 0;
    return this;
  }

  /** A number of `count` bits, at most 32. */
  bits(count: number): number {
    let value = 0;
    let needed = count;
    while (needed > 0) {
      if (this.left === 0) {
        this.next();
      }
      const taken = Math.min(needed, this.left);
      this.left -= taken;
      const chunk = (this.byte >> this.left) & ((1 << taken) - 1);
      // Not a shift: the value may need all of 32 bits, unsigned.
      value = value * (1 << taken) + chunk;
      needed -= taken;
    }
    return value;
  }

  flag(): boolean {
    if (this.left === 0) {
      this.next();
    }
    this.left -= 1;
    return ((this.byte >> this.left) & 1) === 1;
  }

  /** Exp-Golomb of this order; a value above `most` is malformed. */
  golomb(order: number, most: number): number {
    let width = order;
    while (!this.flag()) {
      width += 1;
      if (width >= MAX_WIDTH) {
        throw new DecodeError('malformed', 'number too long');
      }
    }
    const value = 2 ** width + this.bits(width) - (1 << order);
    if (value > most) {
      throw new DecodeError('malformed', `${value} where ${most} is the most`);
    }
    return value;
  }

  /** A signed number of 32 bits, as Exp-Golomb of this order. */
  signed(order: number): number {
    return unzigzag(this.golomb(order, 0xffff_ffff));
  }

  /** A signed number of 16 bits, as Exp-Golomb of this order. */
  signed16(order: number): number {
    return unzigzag(this.golomb(order, 0xffff));
  }

  /** Refuses anything but the zeros that fill up the last byte. */
  end(): void {
    const whole = this.bytes.length - this.at;
    if (whole > 0) {
      throw new DecodeError('trailing', `${whole} bytes behind the end of the message`);
    }
    if (this.bits(this.left) !== 0) {
      throw new DecodeError('malformed', 'bits behind the end of the message');
    }
  }

  private next(): void {
    const byte = this.bytes[this.at];
    if (byte === undefined) {
      throw new DecodeError('malformed', 'message cut off');
    }
    this.byte = byte;
    this.at += 1;
    this.left = 8;
  }
}

function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}
