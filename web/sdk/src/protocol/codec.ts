/**
 * Postcard, the wire's encoding: the one place where bytes become values and back. It knows the
 * primitive forms only; each message's own shape stands in the file of the message.
 */

/** Why bytes from a peer were not taken. */
export type DecodeFault = 'oversized' | 'malformed' | 'trailing';

/** Thrown while decoding; the SDK catches it at the edge and counts a drop. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';

  constructor(
    readonly fault: DecodeFault,
    message: string = fault,
  ) {
    super(message);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/**
 * Reads postcard values from a byte array, which it neither copies nor keeps. Every method throws
 * a {@link DecodeError} when the bytes end early or are no encoding of the type.
 */
export class Reader {
  private bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Begins anew, on other bytes or elsewhere, so that a hot path needs one reader only. */
  reset(bytes: Uint8Array, at = 0): this {
    this.bytes = bytes;
    this.at = at;
    return this;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.bytes.length - this.at;
  }

  /** One raw byte, 0 to 255. */
  u8(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) {
      throw new DecodeError('malformed', 'message cut off');
    }
    this.at += 1;
    return byte;
  }

  /** One raw byte, −128 to 127. */
  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  bool(): boolean {
    const byte = this.u8();
    if (byte > 1) {
      throw new DecodeError('malformed', 'neither true nor false');
    }
    return byte === 1;
  }

  /** Varint of at most three bytes. */
  u16(): number {
    return this.varint(3, 0x3);
  }

  /** Varint of at most five bytes. */
  u32(): number {
    return this.varint(5, 0xf);
  }

  /** Varint of at most ten bytes; a value beyond 2^53 − 1 counts as malformed. */
  u64(): number {
    const value = this.varint(10, 0x1);
    if (value > Number.MAX_SAFE_INTEGER) {
      throw new DecodeError('malformed', 'number beyond 2^53');
    }
    return value;
  }

  /** Zigzag varint. */
  i16(): number {
    const value = this.u16();
    return (value >>> 1) ^ -(value & 1);
  }

  /** Zigzag varint. */
  i32(): number {
    const value = this.u32();
    return (value >>> 1) ^ -(value & 1);
  }

  /** Two bytes, little-endian. */
  u16le(): number {
    const low = this.u8();
    return low | (this.u8() << 8);
  }

  /** Four bytes, little-endian. */
  u32le(): number {
    const low = this.u16le();
    return (low | (this.u16le() << 16)) >>> 0;
  }

  /** Discriminant of an enum with `count` variants. */
  variant(count: number): number {
    const index = this.u32();
    if (index >= count) {
      throw new DecodeError('malformed', 'unknown variant');
    }
    return index;
  }

  /** A value that may be absent. */
  option<T>(some: (reader: Reader) => T): T | undefined {
    return this.bool() ? some(this) : undefined;
  }

  /** Length of a list, string or byte string of at most `max` items. */
  length(max: number): number {
    const length = this.varint(10, 0x1);
    if (length > max) {
      throw new DecodeError('malformed', `${length} items where ${max} are allowed`);
    }
    return length;
  }

  /** A list of at most `max` items. */
  list<T>(max: number, item: (reader: Reader) => T): T[] {
    const length = this.length(max);
    const items: T[] = [];
    for (let i = 0; i < length; i += 1) {
      items.push(item(this));
    }
    return items;
  }

  /** A byte string of at most `max` bytes, as a view into the message. */
  byteString(max: number): Uint8Array {
    return this.take(this.length(max));
  }

  /** A string of at most `max` bytes of UTF-8. */
  string(max: number): string {
    try {
      return utf8.decode(this.byteString(max));
    } catch (error) {
      throw error instanceof DecodeError ? error : new DecodeError('malformed', 'not UTF-8');
    }
  }

  /** `count` raw bytes, as a view into the message. */
  take(count: number): Uint8Array {
    if (count > this.remaining) {
      throw new DecodeError('malformed', 'message cut off');
    }
    const taken = this.bytes.subarray(this.at, this.at + count);
    this.at += count;
    return taken;
  }

  /** All that is left, as a view into the message. */
  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  /** Refuses bytes behind the end of the message. */
  end(): void {
    if (this.remaining > 0) {
      throw new DecodeError('trailing', `${this.remaining} bytes behind the end of the message`);
    }
  }

  private varint(maxBytes: number, maxLast: number): number {
    let value = 0;
    let scale = 1;
    for (let i = 1; i <= maxBytes; i += 1) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (i === maxBytes && byte > maxLast) {
          break;
        }
        return value;
      }
      scale *= 128;
    }
    throw new DecodeError('malformed', 'varint too long');
  }
}

/**
 * Writes postcard values into a buffer that grows as needed and may be used again. Numbers outside
 * their type's range are the caller's mistake and are refused with a `RangeError`.
 */
export class Writer {
  private buffer: Uint8Array;
  private at = 0;

  constructor(capacity = 64) {
    this.buffer = new Uint8Array(capacity);
  }

  /** Forgets what was written, keeps the buffer. */
  clear(): this {
    this.at = 0;
    return this;
  }

  /** Forgets what was written behind so many bytes. */
  truncate(length: number): this {
    this.at = Math.min(this.at, length);
    return this;
  }

  /** Bytes written. */
  get length(): number {
    return this.at;
  }

  /** What was written, as a view that the next write may overwrite. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.at);
  }

  /** What was written, as bytes of their own. */
  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.view());
  }

  u8(value: number): this {
    this.reserve(1);
    this.buffer[this.at] = inRange(value, 0, 0xff);
    this.at += 1;
    return this;
  }

  i8(value: number): this {
    return this.u8(inRange(value, -0x80, 0x7f) & 0xff);
  }

  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  u16(value: number): this {
    return this.varint(inRange(value, 0, 0xffff));
  }

  u32(value: number): this {
    return this.varint(inRange(value, 0, 0xffff_ffff));
  }

  u64(value: number): this {
    return this.varint(inRange(value, 0, Number.MAX_SAFE_INTEGER));
  }

  i16(value: number): this {
    return this.i32(inRange(value, -0x8000, 0x7fff));
  }

  i32(value: number): this {
    inRange(value, -0x8000_0000, 0x7fff_ffff);
    return this.varint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  u16le(value: number): this {
    inRange(value, 0, 0xffff);
    return this.u8(value & 0xff).u8(value >>> 8);
  }

  u32le(value: number): this {
    inRange(value, 0, 0xffff_ffff);
    return this.u16le(value & 0xffff).u16le(value >>> 16);
  }

  /** Discriminant of an enum. */
  variant(index: number): this {
    return this.u32(index);
  }

  option<T>(value: T | undefined, some: (writer: Writer, value: T) => void): this {
    this.bool(value !== undefined);
    if (value !== undefined) {
      some(this, value);
    }
    return this;
  }

  list<T>(items: readonly T[], item: (writer: Writer, value: T) => void): this {
    this.u32(items.length);
    for (const value of items) {
      item(this, value);
    }
    return this;
  }

  byteString(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  string(text: string): this {
    return this.byteString(utf8Encoder.encode(text));
  }

  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }

  private varint(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.u8(rest);
  }

  private reserve(count: number): void {
    const needed = this.at + count;
    if (needed > this.buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
      grown.set(this.buffer);
      this.buffer = grown;
    }
  }
}

/**
 * Decodes a value that must fill `bytes` exactly.
 *
 * @throws {@link DecodeError} when the bytes are over `limit`, malformed, or go on behind the value.
 */
export function decode<T>(bytes: Uint8Array, limit: number, read: (reader: Reader) => T): T {
  if (bytes.length > limit) {
    throw new DecodeError('oversized', `message of ${bytes.length} bytes is over ${limit}`);
  }
  const reader = new Reader(bytes);
  const value = read(reader);
  reader.end();
  return value;
}

function inRange(value: number, least: number, most: number): number {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new RangeError(`${value} is not a whole number from ${least} to ${most}`);
  }
  return value;
}
