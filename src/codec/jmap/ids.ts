/**
 * Our row ids as JMAP ids (RFC 8620 §1.2): a letter that says what it is, so
 * that no id is all digits or looks like `NIL`, and the number in base 32. The
 * same ids are IMAP's OBJECTIDs (RFC 8474).
 */

/** What an id is of. */
export type IdKind = 'account' | 'mailbox' | 'email' | 'thread' | 'upload' | 'identity' | 'submission' | 'push' | 'blob';

const LETTER: Readonly<Record<IdKind, string>> = {
  account: 'a',
  mailbox: 'm',
  email: 'e',
  thread: 't',
  upload: 'u',
  identity: 'i',
  submission: 's',
  push: 'p',
  blob: 'b',
};

const BASE = 32;
const FORM = /^[a-z](?:0|[1-9a-v][0-9a-v]{0,10})$/;

export const idOf = (kind: IdKind, number: number): string => LETTER[kind] + number.toString(BASE);

/** Undefined for what is no id of that kind: it is then an id of nothing. */
export function numberOf<Id extends number>(kind: IdKind, id: string): Id | undefined {
  if (id[0] !== LETTER[kind] || !FORM.test(id)) return undefined;
  const number = Number.parseInt(id.slice(1), BASE);
  return Number.isSafeInteger(number) ? (number as Id) : undefined;
}
