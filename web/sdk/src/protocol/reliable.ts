/**
 * Reliable messages over links that come and go: numbered, kept until acknowledged, sent again on
 * the next link. Within one link the transport already delivers in order.
 */

/** Messages sent and not yet acknowledged. */
export class Outbox {
  /** Most messages held. */
  static readonly MAX_MESSAGES = 256;

  /** Most bytes held. */
  static readonly MAX_BYTES = 256 * 1024;

  private readonly frames: Uint8Array[] = [];
  private bytes = 0;
  private acknowledged = 0;

  /**
   * Keeps a frame until it is acknowledged and gives it back; nothing when the queue is full,
   * because the peer acknowledges too slowly. `build` makes the bytes from the message's number.
   */
  push(build: (sequence: number) => Uint8Array): Uint8Array | undefined {
    const frame = build(this.nextSequence);
    if (
      this.frames.length === Outbox.MAX_MESSAGES ||
      this.bytes + frame.length > Outbox.MAX_BYTES
    ) {
      return undefined;
    }
    this.bytes += frame.length;
    this.frames.push(frame);
    return frame;
  }

  /** Forgets what the peer has taken. A number that was never given out is ignored. */
  acknowledge(sequence: number): void {
    if (sequence >= this.nextSequence) {
      return;
    }
    while (this.acknowledged < sequence) {
      this.acknowledged += 1;
      this.bytes -= this.frames.shift()?.length ?? 0;
    }
  }

  /** What a new link must carry first, oldest first. */
  get unacknowledged(): readonly Uint8Array[] {
    return this.frames;
  }

  private get nextSequence(): number {
    return this.acknowledged + this.frames.length + 1;
  }
}

/**
 * Which messages have been taken. While the peer moves from one link to the next, messages on the
 * new one may overtake those on the old one; a few are held until the gap is filled.
 */
export class Inbox<Message> {
  /** Most messages held behind a gap; the peer sends again what finds no place. */
  static readonly MAX_PENDING = 64;

  private taken = 0;
  private readonly pending = new Map<number, Message>();

  /** Takes a message; `deliver` gets all that are due now, each once and in order. */
  accept(sequence: number, message: Message, deliver: (message: Message) => void): void {
    if (sequence !== this.taken + 1) {
      if (sequence > this.taken && this.pending.size < Inbox.MAX_PENDING) {
        this.pending.set(sequence, message);
      }
      return;
    }
    this.taken = sequence;
    this.pending.delete(sequence);
    deliver(message);
    for (;;) {
      const next = this.pending.get(this.taken + 1);
      if (next === undefined) {
        return;
      }
      this.taken += 1;
      this.pending.delete(this.taken);
      deliver(next);
    }
  }

  /** The number to acknowledge. */
  get delivered(): number {
    return this.taken;
  }
}
