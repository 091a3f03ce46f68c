/**
 * Octets received and not yet read. The first chunk is used where it lies; only a command
 * that spans chunks is copied, into room that doubles, so a peer sending one octet at a time
 * costs no more than one sending them together. What was handed out is never overwritten.
 */
const EMPTY: Buffer = Buffer.alloc(0);
/** The first room made for a command that spans chunks. */
const FIRST_ROOM = 4096;

export class Input {
  #room = EMPTY;
  #start = 0;
  #end = 0;
  /** Whether #room is ours to write into past #end. */
  #isOurs = false;

  get length(): number {
    return this.#end - this.#start;
  }

  push(chunk: Buffer): void {
    if (this.length === 0) {
      this.#use(chunk, false);
      return;
    }
    const wanted = this.length + chunk.length;
    if (!this.#isOurs || this.#end + chunk.length > this.#room.length) this.#grow(wanted);
    chunk.copy(this.#room, this.#end);
    this.#end += chunk.length;
  }

  /** The next `length` octets, which stay unread. */
  slice(from: number, to: number): Buffer {
    return this.#room.subarray(this.#start + from, this.#start + Math.min(to, this.length));
  }

  at(index: number): number {
    return index < this.length ? (this.#room[this.#start + index] ?? -1) : -1;
  }

  /** Where this octet next stands at or after `from`, or -1. */
  indexOf(byte: number, from: number): number {
    const found = this.#room.indexOf(byte, this.#start + from);
    return found < 0 || found >= this.#end ? -1 : found - this.#start;
  }

  /** Reads `length` octets away and hands them over. */
  take(length: number): Buffer {
    const taken = this.slice(0, length);
    this.#start += taken.length;
    if (this.#start === this.#end) this.#use(EMPTY, false);
    return taken;
  }

  #use(room: Buffer, isOurs: boolean): void {
    this.#room = room;
    this.#start = 0;
    this.#end = room.length;
    this.#isOurs = isOurs;
  }

  #grow(wanted: number): void {
    const room = Buffer.allocUnsafeSlow(Math.max(FIRST_ROOM, wanted * 2));
    this.#room.copy(room, 0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    this.#room = room;
    this.#isOurs = true;
  }
}
