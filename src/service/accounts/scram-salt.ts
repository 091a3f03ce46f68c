/** The salt of an account's SCRAM keys. */
import type { Keyring } from '../../core/ports/keyring.ts';

/**
 * SECURITY: made from the name with a key nobody else has, for names that
 * exist and names that do not alike, so that no salt tells which is which.
 * @param who the canonical login name
 */
export function scramSalt(keys: Keyring, who: string): Uint8Array {
  return keys.server.hash(who, 'scram-salt');
}
