/**
 * The octets a scanner still needs, and where they stand in the message. The
 * first piece is looked at where it is; only what must be kept is copied, into
 * a store that doubles, so that a message fed octet by octet costs no more
 * than its length.
 */
import { Buffer } from 'node:buffer';

const EMPTY = Buffer.alloc(0);
/** Octets of the smallest store: an ordinary line with room to grow. */
const SMALLEST_STORE = 4_096;

export class ByteWindow {
  /** What is held. Valid until the next `add` or `dropBefore`. */
  bytes: Buffer = EMPTY;
  /** Where in the message bytes[0] stands. */
  base = 0;
  /** Ours, once something was kept; `bytes` then lies in it from #start on. */
  #store: Buffer = EMPTY;
  #start = 0;

  add(piece: Buffer): void {
    if (this.bytes.length === 0) {
      this.#store = EMPTY;
      this.bytes = piece;
      return;
    }
    const length = this.bytes.length + piece.length;
    if (this.#start + length > this.#store.length) this.#makeRoom(length);
    piece.copy(this.#store, this.#start + this.bytes.length);
    this.bytes = this.#store.subarray(this.#start, this.#start + length);
  }

  /** Forgets what stands before the offset and keeps a copy of the rest. */
  dropBefore(offset: number): void {
    const rest = this.bytes.subarray(offset - this.base);
    this.#start += offset - this.base;
    this.base = offset;
    this.bytes = rest;
    if (this.#store.length === 0 && rest.length > 0) this.#makeRoom(rest.length);
  }

  /** Moves what is held to the front of a store with room for `length` octets; the old one is used again while it is big enough to stay half empty. */
  #makeRoom(length: number): void {
    const store = length * 2 <= this.#store.length ? this.#store : Buffer.allocUnsafeSlow(Math.max(SMALLEST_STORE, length * 2));
    this.bytes.copy(store);
    this.#store = store;
    this.#start = 0;
    this.bytes = store.subarray(0, this.bytes.length);
  }
}
