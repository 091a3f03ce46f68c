/** How a password becomes what we keep: argon2id for PLAIN and LOGIN, SCRAM-SHA-256 keys beside it. */
import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { hash, verify } from '@node-rs/argon2';
import type { ScramKeys } from './records.ts';

/** OWASP's smallest: 19 MiB, two passes, one lane; about 13 ms of one core. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** RFC 7677 §4. The same for everybody: an unknown name must be offered what a known one is. */
export const SCRAM_ITERATIONS = 15_000;
const SCRAM_KEY_BYTES = 32;

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hashed: string, password: string): Promise<boolean>;
  /** A hash that no password fits, as dear to verify as any: for names that do not exist. */
  readonly decoy: string;
  /** RFC 5802 §3: StoredKey and ServerKey. */
  scramKeys(password: string, salt: Uint8Array): Promise<ScramKeys>;
}

const slowly = promisify(pbkdf2);
const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();

export async function scramKeys(password: string, salt: Uint8Array, iterations: number = SCRAM_ITERATIONS): Promise<ScramKeys> {
  const salted = await slowly(password, salt, iterations, SCRAM_KEY_BYTES, 'sha256');
  const stored = createHash('sha256').update(hmac(salted, 'Client Key')).digest('hex');
  return { stored, server: hmac(salted, 'Server Key').toString('hex') };
}

export const argon2Hasher: PasswordHasher = {
  // Algorithm: argon2id is the package's default, and stands in the string it makes.
  hash: (password) => hash(password, ARGON2ID),
  verify: (hashed, password) => verify(hashed, password),
  decoy: '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  scramKeys: (password, salt) => scramKeys(password, salt),
};
