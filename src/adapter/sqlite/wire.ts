/**
 * What goes to the storage thread in one message: all numbers of all calls in
 * one array, all octets in one buffer (both moved, not copied), and the few
 * texts. Measured against cloning plain objects this costs less than half,
 * because nothing has to be walked and named on the other side.
 */

import { octets } from '../../lib/octets.ts';

/** The least room for a message; more is made by doubling. */
const LEAST_NUMBERS = 256;
const LEAST_BYTES = 8_192;
/** The most room made before it is known to be needed. */
const MOST_AHEAD_BYTES = 1_048_576;

export type Parcel = Readonly<{ numbers: Float64Array<ArrayBuffer>; bytes: ArrayBuffer; texts: readonly string[] }>;

export type Mark = Readonly<{ count: number; filled: number; texts: number }>;

export class WireWriter {
  #numbers: Float64Array<ArrayBuffer>;
  #count = 0;
  #bytes: Buffer<ArrayBuffer>;
  #filled = 0;
  readonly #texts: string[] = [];

  /** Messages are much alike: with room as for the last one, this one need not grow. */
  constructor(last?: WireWriter) {
    this.#numbers = new Float64Array(Math.max(LEAST_NUMBERS, last?.count ?? 0));
    const bytes = Math.min(MOST_AHEAD_BYTES, Math.max(LEAST_BYTES, last?.size ?? 0));
    // Not cleared: only what was written is read. A buffer of its own, because it is given away.
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  number(value: number): void {
    if (this.#count === this.#numbers.length) this.#growNumbers();
    this.#numbers[this.#count++] = value;
  }

  flag(value: boolean): void {
    this.number(value ? 1 : 0);
  }

  /** A number that may be missing; no id, time or count is negative. */
  optional(value: number | null | undefined): void {
    this.number(value ?? -1);
  }

  text(value: string): void {
    this.#texts.push(value);
  }

  bytes(value: Uint8Array): void {
    if (this.#filled + value.length > this.#bytes.length) this.#growBytes(value.length);
    this.#bytes.set(value, this.#filled);
    this.number(value.length);
    this.#filled += value.length;
  }

  /** Pieces, read back as one. */
  joined(pieces: readonly Uint8Array[]): void {
    const length = octets(pieces);
    if (this.#filled + length > this.#bytes.length) this.#growBytes(length);
    for (const piece of pieces) {
      this.#bytes.set(piece, this.#filled);
      this.#filled += piece.length;
    }
    this.number(length);
  }

  optionalBytes(value: Uint8Array | null | undefined): void {
    if (value === null || value === undefined) this.number(-1);
    else this.bytes(value);
  }

  /** How much has been written, in octets. */
  get size(): number {
    return this.#filled;
  }

  get count(): number {
    return this.#count;
  }

  /** Where writing stands, to come back to when the rest cannot be written. */
  mark(): Mark {
    return { count: this.#count, filled: this.#filled, texts: this.#texts.length };
  }

  backTo({ count, filled, texts }: Mark): void {
    this.#count = count;
    this.#filled = filled;
    this.#texts.length = texts;
  }

  take(): Parcel {
    return { numbers: this.#numbers, bytes: this.#bytes.buffer, texts: this.#texts };
  }

  #growNumbers(): void {
    const larger = new Float64Array(this.#numbers.length * 2);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }

  #growBytes(wanted: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#filled + wanted));
    larger.set(this.#bytes.subarray(0, this.#filled));
    this.#bytes = larger;
  }
}

/** Reads back, in the same order, what was written. */
export class WireReader {
  readonly #numbers: Float64Array;
  readonly #bytes: ArrayBuffer;
  readonly #texts: readonly string[];
  #number = 0;
  #at = 0;
  #text = 0;

  constructor({ numbers, bytes, texts }: Parcel) {
    this.#numbers = numbers;
    this.#bytes = bytes;
    this.#texts = texts;
  }

  /** Octets read so far. */
  get at(): number {
    return this.#at;
  }

  number<Value extends number>(): Value {
    return this.#numbers[this.#number++] as Value;
  }

  flag(): boolean {
    return this.number() === 1;
  }

  optional<Value extends number>(): Value | null {
    const value = this.number<Value>();
    return value === -1 ? null : value;
  }

  text<Value extends string>(): Value {
    return (this.#texts[this.#text++] ?? '') as Value;
  }

  bytes(): Uint8Array {
    const length = this.number();
    const start = this.#at;
    this.#at += length;
    return new Uint8Array(this.#bytes, start, length);
  }

  optionalBytes(): Uint8Array | null {
    const length = this.optional();
    if (length === null) return null;
    this.#number--;
    return this.bytes();
  }

  list<Value>(read: () => Value): Value[] {
    return Array.from({ length: this.number() }, read);
  }
}
