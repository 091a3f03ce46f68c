/**
 * Which passwords may be chosen (R-25, NIST SP 800-63B-4 §3.1.1): length
 * first, nothing a guesser tries first, no recipes of character classes.
 */
import { saslPrep } from '../../codec/sasl/saslprep.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { COMMON_PASSWORDS, KEYBOARD_ROWS } from './common-passwords.table.ts';

/** NIST SP 800-63B-4 asks 15 of a password that stands alone. */
export const DEFAULT_MINIMUM = 15;
/** Nobody types more; bounds what hashing can be made to chew. Octets. */
export const PASSWORD_LIMIT = 1_024;
/** A short unit said again and again is no longer than the unit. */
const REPEATED_UNIT = 6;

/** About whom: none of this may be the password. */
export type About = Readonly<{ address: string; name: string }>;

/**
 * SASLprep (RFC 4013), so that a password typed on another keyboard is the
 * same one, and SCRAM agrees with PLAIN. Undefined for what no sign-in can carry.
 */
export function prepared(password: string): string | undefined {
  const text = saslPrep(password);
  return text.ok ? text.value : undefined;
}

/** Why a password cannot be stored at all, however weak ones are tolerated. */
export function whyNotPassword(password: string): Refusal | undefined {
  if (password === '') return refuse('badValue', { what: 'password', why: 'empty' });
  if (Buffer.byteLength(password) > PASSWORD_LIMIT) return tooLong();
  // RFC 4013 §2.3: control characters; NUL would also end a password in PLAIN (RFC 4616).
  if (/\p{Cc}/u.test(password)) return refuse('badValue', { what: 'password', why: 'controlCharacter' });
  const text = prepared(password);
  // Set, it would lock its owner out: every sign-in with it is refused before it is looked at.
  if (text === undefined) return refuse('badValue', { what: 'password', why: 'cannotBeSent' });
  if (text === '') return refuse('badValue', { what: 'password', why: 'empty' });
  return Buffer.byteLength(text) > PASSWORD_LIMIT ? tooLong() : undefined;
}

const tooLong = (): Refusal => refuse('badValue', { what: 'password', why: 'tooLong', limit: String(PASSWORD_LIMIT) });

/** Why a password is too easy to guess: `tooShort`, `aboutYou`, `tooCommon` or `pattern`. */
export function whyWeak(password: string, about: About, minimum: number = DEFAULT_MINIMUM): Refusal | undefined {
  const text = prepared(password) ?? password;
  const length = Array.from(text).length;
  if (length < minimum) return refuse('weakPassword', { why: 'tooShort', minimum: String(minimum), length: String(length) });
  const folded = text.toLowerCase();
  if (isAbout(folded, about)) return refuse('weakPassword', { why: 'aboutYou' });
  if (isCommon(folded)) return refuse('weakPassword', { why: 'tooCommon' });
  return isPattern(folded) ? refuse('weakPassword', { why: 'pattern' }) : undefined;
}

/** Letters only: `Noor.Bakker-1987!` is `noorbakker`. */
const letters = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}]/gu, '');

function isAbout(folded: string, { address, name }: About): boolean {
  const [local = '', domain = ''] = address.split('@');
  const bare = letters(folded);
  const words = [address, local, domain, name, `${local}${domain}`, `${name}${domain}`, domain.split('.')[0] ?? ''];
  if (folded === address.toLowerCase()) return true;
  return bare !== '' && words.some((word) => letters(word) === bare) && bare.length >= folded.length / 2;
}

function isCommon(folded: string): boolean {
  const core = folded.replace(/^[^\p{L}]+/u, '').replace(/[^\p{L}]+$/u, '');
  // What is left of the password must be most of it: twelve random digits behind a word are not a common password.
  const mostly = core.length >= folded.length / 2 ? core : folded;
  return (
    COMMON_PASSWORDS.has(folded) || COMMON_PASSWORDS.has(mostly) || COMMON_PASSWORDS.has(unit(folded)) || COMMON_PASSWORDS.has(unit(mostly))
  );
}

/** The shortest text that, repeated (the last time perhaps cut), gives this one. */
function unit(text: string): string {
  for (let length = 1; length <= text.length / 2; length++) {
    if (text.slice(length) === text.slice(0, -length)) return text.slice(0, length);
  }
  return text;
}

function isPattern(folded: string): boolean {
  if (unit(folded).length <= REPEATED_UNIT) return true;
  return KEYBOARD_ROWS.some((row) => row.repeat(4).includes(folded) || reversed(row.repeat(4)).includes(folded));
}

const reversed = (text: string): string => Array.from(text).toReversed().join('');
