/**
 * Sealing small things with AES-256-GCM. A sealed value is
 * nonce (12) | ciphertext | tag (16); `context` says what it is and whose, so
 * that a row moved to another place does not open there.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

export const KEY_BYTES = 32;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
/** What sealing adds to the size. */
export const SEAL_OVERHEAD = NONCE_BYTES + TAG_BYTES;

/** @param nonce 12 bytes never used before with this key; with random ones, 2^32 seals per key stay safe (NIST SP 800-38D §8.3). */
export function seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array | string, context: string): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(context));
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  cipher.final();
  return Buffer.concat([nonce, body, cipher.getAuthTag()]);
}

/** The plain bytes, or undefined when the key, the context or a byte is wrong. */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: string): Buffer | undefined {
  if (sealed.length < SEAL_OVERHEAD) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    const plain = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}
