/**
 * Values in the form IMAP wants them (RFC 9051 §4, §9). Everything here gives text; characters
 * past ASCII stand in quoted strings only for clients that enabled UTF-8 (`utf8`), and in
 * literals otherwise. Whoever sends it makes octets of it, in UTF-8.
 */

/** Characters in a quoted string. Longer text goes as a literal, for clients with line buffers (RFC 2683 §3.2.1.5). */
const QUOTED_LIMIT = 1000;

const ATOM = /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/;
const QUOTABLE_ASCII = /^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/;
const QUOTABLE = /^[^\0\r\n]*$/;

export const quoted = (text: string): string => `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`;

/** A quoted string where it can be one, else a literal. NUL, which neither can carry, is left out. */
export function string(text: string, utf8: boolean): string {
  if (text.length <= QUOTED_LIMIT && (QUOTABLE_ASCII.test(text) || (utf8 && QUOTABLE.test(text) && text.isWellFormed())))
    return quoted(text);
  const safe = text.replaceAll('\0', '').toWellFormed();
  return `{${Buffer.byteLength(safe)}}\r\n${safe}`;
}

export const nstring = (text: string | null | undefined, utf8: boolean): string =>
  text === null || text === undefined ? 'NIL' : string(text, utf8);

/** An atom where it can be one, else a string. NIL must not look like the absence of a string. */
export function astring(text: string, utf8: boolean): string {
  return text.length < QUOTED_LIMIT && ATOM.test(text) && !/^nil$/i.test(text) ? text : string(text, utf8);
}
