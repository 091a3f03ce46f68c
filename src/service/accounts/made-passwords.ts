/**
 * Passwords we make ourselves: 100 random bits, which nobody guesses however
 * fast each guess is, so a keyed hash keeps them as safely as argon2id keeps a
 * chosen one, in a microsecond. That is why a thousand accounts take seconds.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Dice } from '../../core/ports/dice.ts';
import type { Keyring } from '../../core/ports/keyring.ts';
import { newAppPassword, readAppPassword } from './app-passwords.ts';

/**
 * SECURITY: comes from `makePassword` alone. A password that a person or a
 * file gave is a string, and pays for argon2id, whatever it looks like.
 */
export type MadePassword = Readonly<{ made: string }>;

/** Tells it from an argon2id string, which begins with `$`. */
const MARK = 'keyed:';

export const makePassword = (dice: Dice): MadePassword => ({ made: newAppPassword(dice) });

/** @param who the canonical login name */
export function hashMade(keys: Keyring, who: string, { made }: MadePassword): string {
  return `${MARK}${digest(keys, who, readAppPassword(made) ?? made).toString('hex')}`;
}

export const isMadeHash = (hashed: string): boolean => hashed.startsWith(MARK);

/** However it was typed: hyphens and misread letters do not matter. */
export function fitsMade(keys: Keyring, who: string, pair: Readonly<{ hashed: string; typed: string }>): boolean {
  const letters = readAppPassword(pair.typed);
  if (letters === undefined) return false;
  const kept = Buffer.from(pair.hashed.slice(MARK.length), 'hex');
  const given = digest(keys, who, letters);
  return kept.length === given.length && timingSafeEqual(kept, given);
}

const digest = (keys: Keyring, who: string, letters: string): Buffer =>
  Buffer.from(keys.server.hash(`${who}\0${letters}`, 'made-password'));
