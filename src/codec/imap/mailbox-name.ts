/**
 * Mailbox names on the wire. Inside the house a name is plain text in NFC with "/" between
 * levels; IMAP4rev1 clients see modified UTF-7 (RFC 9051 appendix A.1), those that enabled
 * IMAP4rev2 or UTF8=ACCEPT see the text itself.
 */
import { asciiLower } from './ascii.ts';
import type { Cursor } from './cursor.ts';

export const SEPARATOR = '/';
export const INBOX = 'INBOX';

/** UTF-16 units in a whole name: room for ten levels of a long name each. */
export const NAME_LIMIT = 1000;
/** Levels of hierarchy; deeper trees only serve to exhaust clients that recurse. */
const DEPTH_LIMIT = 32;

export function readMailbox(cursor: Cursor): string {
  return canonical(fromWire(cursor, cursor.astring()));
}

/** A name, or part of one, as the client wrote it, in the house's form. */
export function fromWire(cursor: Cursor, wire: string): string {
  if (wire.length > NAME_LIMIT * 4) cursor.fail('That mailbox name is too long');
  const name = cursor.utf8 ? wire : decodeModifiedUtf7(wire);
  if (name === undefined) cursor.fail('That mailbox name is not modified UTF-7');
  return (name ?? '').normalize('NFC');
}

/** INBOX is INBOX however it is written, alone and as the parent of others. */
export function canonical(name: string): string {
  const first = name.slice(0, INBOX.length);
  const isInbox = (name.length === INBOX.length || name[INBOX.length] === SEPARATOR) && asciiLower(first) === 'inbox';
  return isInbox ? INBOX + name.slice(INBOX.length) : name;
}

/** The name as this client may read it. */
export const toWire = (name: string, utf8: boolean): string => (utf8 ? name : encodeModifiedUtf7(name));

/** Why no mailbox can be created under this name, if none can (RFC 9051 §5.1, RFC 5198 §2). */
export function whyNotName(name: string): string | undefined {
  const levels = name.split(SEPARATOR);
  if (name.length === 0) return 'A mailbox needs a name';
  if (name.length > NAME_LIMIT) return 'That mailbox name is too long';
  if (levels.length > DEPTH_LIMIT) return 'That mailbox would lie too deep';
  if (levels.some((level) => level.length === 0)) return 'A level of the name is empty';
  if (/[%*]/.test(name)) return 'Wildcards cannot be part of a name';
  if (!name.isWellFormed() || /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name)) return 'The name has control characters in it';
  return undefined;
}

/**
 * Reads modified UTF-7, or gives undefined. Strict by writing back: the encoding has one form
 * for each name, so whatever does not come out the same was malformed.
 */
export function decodeModifiedUtf7(wire: string): string | undefined {
  if (!wire.includes('&')) return wire;
  let name = '';
  let at = 0;
  for (let shift = wire.indexOf('&'); shift >= 0; shift = wire.indexOf('&', at)) {
    const back = wire.indexOf('-', shift);
    if (back < 0) return undefined;
    name += wire.slice(at, shift) + (back === shift + 1 ? '&' : decodeShifted(wire.slice(shift + 1, back)));
    at = back + 1;
  }
  name += wire.slice(at);
  return encodeModifiedUtf7(name) === wire || encodeAsciiOnly(name) === wire ? name : undefined;
}

function decodeShifted(base64: string): string {
  const bytes = Buffer.from(base64.replaceAll(',', '/'), 'base64');
  return bytes
    .subarray(0, bytes.length & ~1)
    .swap16()
    .toString('utf16le');
}

export function encodeModifiedUtf7(name: string): string {
  return name.replace(/&|[^\x20-\x7e]+/g, (run) => (run === '&' ? '&-' : encodeShifted(run)));
}

/** A client may send raw UTF-8 beside proper shifts (RFC 6855 §3 tells servers to take it). */
const encodeAsciiOnly = (name: string): string => name.replaceAll('&', '&-');

function encodeShifted(run: string): string {
  const base64 = Buffer.from(run, 'utf16le').swap16().toString('base64');
  return `&${base64.replace(/=+$/, '').replaceAll('/', ',')}-`;
}
