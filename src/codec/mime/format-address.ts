/** Addresses as a header writes them: quoted or encoded where they must be, groups put together again. */
import { decodedHeader, encodeWords, isPlainHeaderText } from './encoded-word.ts';
import { withoutControls } from './field-text.ts';
import type { Address } from './structure.ts';

/** With `utf8` the header may hold UTF-8 (RFC 6532), as the peer allowed by SMTPUTF8. */
export type FormatOptions = Readonly<{ utf8?: boolean }>;

/** Words of a phrase that need no quotes (RFC 5322 §3.2.3), dots left out. */
const ATOMS = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]+$/;
const UTF8_ATOMS = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\u{10ffff} ]+$/u;
/** RFC 5322 §3.2.3 dot-atom, UTF-8 let in by RFC 6532 §3.2. */
const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\u{10ffff}]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\u{10ffff}]+)*$/u;
const SPECIAL_IN_QUOTES = /["\\]/g;
/** SECURITY: what would end the angle bracket or the list before its time. */
const NOT_IN_HOST = /[\s<>(),;"\\]/g;

/** One address, or one mark of a group: `Group:` or `;`. */
export function formatAddress({ name, mailbox, host }: Address, options: FormatOptions = {}): string {
  if (mailbox === null) return ';';
  if (host === null) return `${formatPhrase(mailbox, options)}:`;
  const spec = `${localPart(mailbox)}${host === '' ? '' : `@${withoutControls(host).replace(NOT_IN_HOST, '')}`}`;
  return name === null || name === '' ? spec : `${formatPhrase(name, options)} <${spec}>`;
}

/** A whole list, `, ` between addresses. */
export function formatAddressList(addresses: readonly Address[], options: FormatOptions = {}): string {
  let text = '';
  let comma = '';
  for (const address of addresses) {
    const isEnd = address.mailbox === null;
    const isStart = !isEnd && address.host === null;
    text += `${isEnd ? '' : comma}${formatAddress(address, options)}`;
    comma = isStart ? ' ' : ', ';
  }
  return text;
}

/** A display name. Encoded words in it are decoded first: in an envelope names are raw, and encoding twice would show the code. */
function formatPhrase(raw: string, { utf8 = false }: FormatOptions): string {
  const text = decodedHeader(raw);
  if ((utf8 ? UTF8_ATOMS : ATOMS).test(text) && !text.includes('=?')) return text.trim() === text ? text : quoted(text);
  return utf8 || isPlainHeaderText(text) ? quoted(text) : encodeWords(text);
}

const localPart = (mailbox: string): string => (DOT_ATOM.test(mailbox) ? mailbox : quoted(mailbox));

const quoted = (text: string): string => `"${withoutControls(text).replace(SPECIAL_IN_QUOTES, '\\$&')}"`;
