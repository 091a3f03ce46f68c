/** One owner's key at work: sub-keys for sealing, hashing and wrapping, so that no key ever does two jobs. */
import { hash, hkdfSync } from 'node:crypto';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import { type Glances, glance } from '../../lib/glance.ts';
import { KEY_BYTES, NONCE_BYTES, seal, unseal } from '../../lib/seal.ts';
import type { RandomPool } from './random-pool.ts';

/** Of a keyed hash: 128 bits find a row again without collisions (2^64 rows for an even chance of one). */
const HASH_BYTES = 16;
/** The block SHA-256 works in: the key has one to itself. */
const HASH_BLOCK_BYTES = 64;
/** Where the input of a hash is put together: ids, addresses and names fit, so that nothing is allocated for them. */
const hashInput = Buffer.alloc(4_096);

/** RFC 5869 with SHA-256; the secret is uniform already, so no salt. */
export function subKey(secret: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, new Uint8Array(0), `eigenpost/1/${purpose}`, KEY_BYTES));
}

export class LiveKey implements OwnerKey {
  readonly #sealing: Buffer;
  readonly #hashing: Buffer;
  readonly #wrapping: Buffer;
  readonly #pool: RandomPool;
  #gone = false;

  constructor(secret: Uint8Array, pool: RandomPool) {
    this.#sealing = subKey(secret, 'seal');
    this.#hashing = subKey(secret, 'hash');
    this.#wrapping = subKey(secret, 'wrap');
    this.#pool = pool;
  }

  seal(plain: Uint8Array | string, context: string): Uint8Array {
    this.#mustLive();
    return seal(this.#sealing, this.#pool.take(NONCE_BYTES), plain, context);
  }

  open(sealed: Uint8Array, context: string): Buffer | undefined {
    return this.#gone ? undefined : unseal(this.#sealing, sealed, context);
  }

  glance(sealed: readonly Uint8Array[]): Glances | undefined {
    return this.#gone ? undefined : glance(this.#sealing, sealed);
  }

  /**
   * SHA-256 over a block that holds the key, then context and text: one call
   * where HMAC takes three, and this is done for every message. Half of the
   * digest is thrown away, so that nobody can reckon on from it to a longer
   * text, which is what HMAC's second round is for.
   */
  hash(text: string, context: string): Uint8Array {
    this.#mustLive();
    const said = `${context}\0${text}`;
    // Three octets for a UTF-16 unit is the most there can be.
    const fits = HASH_BLOCK_BYTES + said.length * 3 <= hashInput.length;
    const input = fits ? hashInput : Buffer.alloc(HASH_BLOCK_BYTES + said.length * 3);
    input.set(this.#hashing);
    const end = HASH_BLOCK_BYTES + input.write(said, HASH_BLOCK_BYTES, 'utf8');
    const digest = hash('sha256', input.subarray(0, end), 'buffer');
    // SECURITY: no copy of the key outlives its owner's.
    input.fill(0, 0, KEY_BYTES);
    return digest.subarray(0, HASH_BYTES);
  }

  /** Seals another key under this one. */
  wrap(secret: Uint8Array, context: string): Buffer {
    this.#mustLive();
    return seal(this.#wrapping, this.#pool.take(NONCE_BYTES), secret, context);
  }

  unwrap(sealed: Uint8Array, context: string): Buffer | undefined {
    return this.#gone ? undefined : unseal(this.#wrapping, sealed, context);
  }

  destroy(): void {
    this.#gone = true;
    for (const key of [this.#sealing, this.#hashing, this.#wrapping]) key.fill(0);
  }

  /** SECURITY: a wiped key is all zeros; sealing with it would look like sealing and be none. */
  #mustLive(): void {
    if (this.#gone) throw new Error('a destroyed key was used');
  }
}
