/** What the server keeps of a password for SCRAM-SHA-256 (RFC 5802 §3, RFC 7677): two keys from which it cannot be guessed cheaply, nor a sign-in made. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { type Parsed, parsed } from '../../lib/parsed.ts';
import { saslPrep } from './saslprep.ts';

/** Octets of SHA-256. */
export const SCRAM_KEY_BYTES = 32;
/** RFC 7677 §4 asks for at least 4096; more costs the client's phone, not us. */
export const SCRAM_ITERATIONS = 15_000;

export type ScramKeys = Readonly<{ storedKey: Buffer; serverKey: Buffer }>;

export const hmac = (key: Uint8Array, text: Uint8Array | string): Buffer => createHmac('sha256', key).update(text).digest();
export const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** `saltedPassword` is PBKDF2-HMAC-SHA-256 over the prepared password, 32 octets: slow, so callers run it off the main thread. */
export function scramKeys(saltedPassword: Uint8Array): ScramKeys {
  return { storedKey: sha256(hmac(saltedPassword, 'Client Key')), serverKey: hmac(saltedPassword, 'Server Key') };
}

/** The same in one go, blocking: for few passwords and for tests. */
export function scramKeysOf(password: string, salt: Uint8Array, iterations: number): Parsed<ScramKeys> {
  const prepared = saslPrep(password);
  if (!prepared.ok) return prepared;
  return parsed(scramKeys(pbkdf2Sync(prepared.value, salt, iterations, SCRAM_KEY_BYTES, 'sha256')));
}
