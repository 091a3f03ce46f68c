/**
 * Sealing a message body under a key of its own, in chunks, so that it can be
 * written as it arrives and any part of it read without the rest. Each chunk
 * is ciphertext | tag (16). The nonce is the chunk's number with a mark on the
 * last one: the key is used for one body only, so no nonce repeats, and a body
 * cut short does not open.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Plain octets per chunk: small enough to read a part cheaply, large enough that the tag costs nothing. */
export const CHUNK_BYTES = 65_536;
const TAG_BYTES = 16;
const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;

function nonce(index: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(index, 0);
  bytes[4] = last ? 1 : 0;
  return bytes;
}

/** Sealed octets for a body of `size` plain octets. An empty body is one empty chunk. */
export function sealedSize(size: number): number {
  return size + TAG_BYTES * Math.max(1, Math.ceil(size / CHUNK_BYTES));
}

function sealChunk(key: Uint8Array, index: number, last: boolean, parts: readonly Uint8Array[]): Uint8Array[] {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(index, last));
  const sealed: Uint8Array[] = parts.map((part) => cipher.update(part));
  cipher.final();
  sealed.push(cipher.getAuthTag());
  return sealed;
}

/** Seals a body as it arrives. `push` gives back what is ready to be written, `end` the rest. */
export class BodySealer {
  readonly #key: Uint8Array;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #index = 0;
  /** Plain octets so far. */
  size = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  push(bytes: Uint8Array): Uint8Array[] {
    this.size += bytes.length;
    const out: Uint8Array[] = [];
    let rest = bytes;
    // A full chunk is only sealed once something follows it: the last one carries the mark.
    while (this.#waitingBytes + rest.length > CHUNK_BYTES) {
      const take = CHUNK_BYTES - this.#waitingBytes;
      out.push(...this.#seal(false, rest.subarray(0, take)));
      rest = rest.subarray(take);
    }
    if (rest.length > 0) this.#waiting.push(rest);
    this.#waitingBytes += rest.length;
    return out;
  }

  end(): Uint8Array[] {
    return this.#seal(true, undefined);
  }

  #seal(last: boolean, tail: Uint8Array | undefined): Uint8Array[] {
    const parts = tail === undefined || tail.length === 0 ? this.#waiting : [...this.#waiting, tail];
    this.#waiting = [];
    this.#waitingBytes = 0;
    return sealChunk(this.#key, this.#index++, last, parts);
  }
}

/** A whole body at once, in pieces that belong one behind the other. */
export function sealBody(key: Uint8Array, plain: Uint8Array): Uint8Array[] {
  // Most mail is one chunk: without the bookkeeping.
  if (plain.length <= CHUNK_BYTES) return sealChunk(key, 0, true, [plain]);
  const sealer = new BodySealer(key);
  return [...sealer.push(plain), ...sealer.end()];
}

/** The octets of the sealed body that must be read to open plain [from, to). */
export function sealedRange(from: number, to: number, size: number): Readonly<{ from: number; to: number }> {
  const first = Math.floor(from / CHUNK_BYTES);
  const last = Math.max(first, Math.ceil(to / CHUNK_BYTES) - 1);
  return { from: first * SEALED_CHUNK_BYTES, to: Math.min((last + 1) * SEALED_CHUNK_BYTES, sealedSize(size)) };
}

/** Opens plain [from, to) from the sealed octets that `sealedRange` named; undefined when the key or a byte is wrong. */
export function openRange(
  key: Uint8Array,
  sealed: Uint8Array,
  range: Readonly<{ from: number; to: number; size: number }>,
): Buffer | undefined {
  const { from, to, size } = range;
  const first = Math.floor(from / CHUNK_BYTES);
  const lastOfAll = Math.max(0, Math.ceil(size / CHUNK_BYTES) - 1);
  const plain: Buffer[] = [];
  for (let at = 0, index = first; at < sealed.length; at += SEALED_CHUNK_BYTES, index++) {
    const chunk = openChunk(key, sealed.subarray(at, at + SEALED_CHUNK_BYTES), nonce(index, index === lastOfAll));
    if (chunk === undefined) return undefined;
    plain.push(chunk);
  }
  const whole = plain.length === 1 ? plain[0] : Buffer.concat(plain);
  return whole?.subarray(from - first * CHUNK_BYTES, to - first * CHUNK_BYTES);
}

function openChunk(key: Uint8Array, sealed: Uint8Array, iv: Uint8Array): Buffer | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, iv);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    const plain = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}
