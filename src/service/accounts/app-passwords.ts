/**
 * App passwords: 100 random bits for one device, shown once, in groups
 * that can be read over the telephone. Random enough that a fast keyed hash
 * is all the keeping they need.
 */
import type { Dice } from '../../core/ports/dice.ts';
import type { OwnerKey } from '../../core/ports/keyring.ts';

const GROUPS = 4;
const GROUP_LETTERS = 5;
/** Crockford's: without i, l, o and u, which are misread. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';

/** Of one account: SCRAM offers a proof for each to be tried against. */
export const APP_PASSWORDS_LIMIT = 25;

/** `7k2mq-x9d4t-0hwbz-c5rva`. */
export function newAppPassword(dice: Dice): string {
  const random = dice.bytes(GROUPS * GROUP_LETTERS);
  const letters = Array.from(random, (byte) => DIGITS.charAt(byte & 31)).join('');
  return Array.from({ length: GROUPS }, (_, group) => letters.slice(group * GROUP_LETTERS, (group + 1) * GROUP_LETTERS)).join('-');
}

/** However it was typed: without hyphens and spaces, misread letters put right. Undefined when it cannot be an app password. */
export function readAppPassword(typed: string): string | undefined {
  if (typed.length > GROUPS * GROUP_LETTERS * 2) return undefined;
  const letters = typed.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
  return letters.length === GROUPS * GROUP_LETTERS && /^[0-9a-hjkmnp-tv-z]+$/.test(letters) ? letters : undefined;
}

/** What is kept: a hash with the account's key. */
export function hashAppPassword(key: OwnerKey, letters: string): string {
  return Buffer.from(key.hash(letters, 'app-password')).toString('hex');
}
