/**
 * A look at many sealed values at once, for throwing out most of them: a
 * sixth of what opening them costs. AES-GCM hides text under a key stream
 * (AES of nonce | counter, NIST SP 800-38D §6.5), and the streams of many
 * values can be made in one go.
 *
 * SECURITY: nothing here is proven. Whoever can write to the disk chooses
 * what a glance shows, so it may only decide what is *not* looked at further;
 * what is kept must be opened (`unseal`), and that alone is believed.
 */
import { createCipheriv } from 'node:crypto';
import { NONCE_BYTES, SEAL_OVERHEAD, TAG_BYTES } from './seal.ts';

const BLOCK_BYTES = 16;
const WORD_BYTES = 4;
/** The first block of text; block 1 masks the tag (NIST SP 800-38D §7.1). */
const FIRST_COUNTER = 2;

/** The plain bytes of all values, and where in them each one ends. Between two of them stand up to 15 zeros. */
export type Glances = Readonly<{ plain: Buffer; starts: Uint32Array; ends: Uint32Array }>;

/** @param sealed what `seal` gave; anything shorter than a seal shows as nothing */
export function glance(key: Uint8Array, sealed: readonly Uint8Array[]): Glances {
  const { starts, ends, size } = layOut(sealed);
  const plain = Buffer.from(new ArrayBuffer(size));
  const counters = new DataView(new ArrayBuffer(size));
  for (const [index, value] of sealed.entries()) {
    const start = starts[index] ?? 0;
    if (value.length <= SEAL_OVERHEAD) continue;
    plain.set(value.subarray(NONCE_BYTES, value.length - TAG_BYTES), start);
    count(counters, start, value);
  }
  const cipher = createCipheriv('aes-256-ecb', key, null);
  cipher.setAutoPadding(false);
  // A copy begins where its buffer begins: the octets are read four at a time.
  lift(plain, new Uint8Array(cipher.update(counters)));
  for (const [index, end] of ends.entries()) for (let at = end; at < (starts[index + 1] ?? size); at++) plain[at] = 0;
  return { plain, starts, ends };
}

/** Each value begins a block, so that the streams can be made together. */
function layOut(sealed: readonly Uint8Array[]): Readonly<{ starts: Uint32Array; ends: Uint32Array; size: number }> {
  const starts = new Uint32Array(sealed.length);
  const ends = new Uint32Array(sealed.length);
  let size = 0;
  for (const [index, { length }] of sealed.entries()) {
    starts[index] = size;
    ends[index] = size + Math.max(0, length - SEAL_OVERHEAD);
    size = Math.ceil((ends[index] ?? 0) / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return { starts, ends, size };
}

/** Writes nonce | counter for each block of one value. */
function count(counters: DataView, start: number, value: Uint8Array): void {
  const nonce = new DataView(value.buffer, value.byteOffset, NONCE_BYTES);
  const [first, second, third] = [nonce.getUint32(0), nonce.getUint32(4), nonce.getUint32(8)];
  const end = start + value.length - SEAL_OVERHEAD;
  for (let at = start, counter = FIRST_COUNTER; at < end; at += BLOCK_BYTES, counter++) {
    counters.setUint32(at, first);
    counters.setUint32(at + 4, second);
    counters.setUint32(at + 8, third);
    counters.setUint32(at + 12, counter);
  }
}

/** Takes the key stream off, four octets at a time: both are whole blocks. */
function lift(plain: Buffer, stream: Uint8Array): void {
  const into = new Uint32Array(plain.buffer, plain.byteOffset, plain.length / WORD_BYTES);
  const from = new Uint32Array(stream.buffer, stream.byteOffset, stream.length / WORD_BYTES);
  for (let at = 0; at < into.length; at++) into[at] = (into[at] ?? 0) ^ (from[at] ?? 0);
}
