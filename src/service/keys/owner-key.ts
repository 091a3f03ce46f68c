/** One owner's key at work: sub-keys for sealing, hashing and wrapping, so that no key ever does two jobs. */
import { createHmac, hkdfSync } from 'node:crypto';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import { KEY_BYTES, NONCE_BYTES, seal, unseal } from '../../lib/seal.ts';
import type { RandomPool } from './random-pool.ts';

/** Of a keyed hash: 128 bits find a row again without collisions (2^64 rows for an even chance of one). */
const HASH_BYTES = 16;

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

  hash(text: string, context: string): Uint8Array {
    this.#mustLive();
    return createHmac('sha256', this.#hashing).update(`${context}\0${text}`).digest().subarray(0, HASH_BYTES);
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
