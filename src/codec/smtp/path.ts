/**
 * The paths of MAIL and RCPT (RFC 5321 §4.1.2 and §4.1.3, RFC 6531 §3.3):
 * `<local@domain>`, quoted local parts, address literals, the null sender, and
 * source routes, which are read and forgotten. Angle brackets are part of the
 * grammar; nothing is guessed where they are missing.
 */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';
import { parseAddressLiteral } from '../net/address-literal.ts';
import { parseDomain } from '../net/domain.ts';

export type Mailbox = Readonly<{
  /** As the peer wrote it, with its own case, in the form that needs the least quoting (RFC 5321 §4.1.2). */
  text: string;
  /** The local part itself, quotes and backslashes taken off. */
  local: string;
  /** Lower case with A-labels, or an address literal in its brackets, or '' in `<postmaster>`. */
  domain: string;
  /** Only legal after SMTPUTF8 in MAIL (RFC 6531 §3.4). */
  isUtf8: boolean;
}>;

/** What is between the brackets, and where the text after them begins. `mailbox` null is the null sender `<>`. */
export type Path = Readonly<{ mailbox: Mailbox | null; end: number }>;

/**
 * Octets of a local part. RFC 5321 §4.5.3.1.1 asks for 64 and would rather see
 * no limit; forwarders that write the sender into theirs (SRS, VERP) go past 64.
 */
export const LOCAL_PART_OCTETS = 255;
/** Octets between the brackets, source route and quoting included: RFC 5321 §4.5.3.1.3 asks for 256. */
export const PATH_OCTETS = 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const DOT = 0x2e;
const COLON = 0x3a;
const OPEN = 0x3c;
const CLOSE = 0x3e;
const AT = 0x40;
const OPEN_SQUARE = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_SQUARE = 0x5d;

/** 1 for the characters of an atom (RFC 5322 §3.2.3). */
const ATEXT = new Uint8Array(128);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~")
  ATEXT[character.charCodeAt(0)] = 1;

/** RFC 6531 §3.3: every character outside ASCII, less the C1 controls, line separators and halves of surrogate pairs. */
const ODD_UTF8 = /[\u0080-\u009f\u2028\u2029]|\p{Surrogate}/u;

const isAtext = (code: number): boolean => (code < 128 ? ATEXT[code] === 1 : true);

/** The sender of MAIL: a mailbox or nobody. `from` is where `<` is expected. */
export function parseReversePath(text: string, from: number): Parsed<Path> {
  if (text.charCodeAt(from) === OPEN && text.charCodeAt(from + 1) === CLOSE) return parsed({ mailbox: null, end: from + 2 });
  return parsePath(text, from);
}

/** The recipient of RCPT. `<postmaster>` needs no domain (RFC 5321 §4.1.1.3). */
export function parseForwardPath(text: string, from: number): Parsed<Path> {
  const end = from + '<postmaster>'.length;
  if (text.charCodeAt(end - 1) === CLOSE && text.slice(from, end).toLowerCase() === '<postmaster>') {
    const local = text.slice(from + 1, end - 1);
    return parsed({ mailbox: { text: local, local, domain: '', isUtf8: false }, end });
  }
  return parsePath(text, from);
}

/** A mailbox without brackets, as in the AUTH parameter (RFC 4954 §5); it must be all of the text. */
export function parseMailbox(text: string): Parsed<Mailbox> {
  const path = parsePath(`<${text}>`, 0);
  if (!path.ok) return unparsed(Math.max(0, path.at - 1), path.why);
  const { mailbox, end } = path.value;
  return mailbox !== null && end === text.length + 2 ? parsed(mailbox) : unparsed(0, 'not a mailbox');
}

function parsePath(text: string, from: number): Parsed<Path> {
  if (text.charCodeAt(from) !== OPEN) return unparsed(from, 'an address stands in angle brackets');
  const start = text.charCodeAt(from + 1) === AT ? routeEnd(text, from + 1) : from + 1;
  if (start < 0) return unparsed(from + 1, 'a source route is "@domain,@domain:"');
  const local = text.charCodeAt(start) === QUOTE ? quotedLocal(text, start) : plainLocal(text, start);
  if (!local.ok) return local;
  const { value, end: at } = local.value;
  if (text.charCodeAt(at) !== AT) return unparsed(at, 'an address has an @ and a domain');
  const end = domainEnd(text, at + 1);
  if (text.charCodeAt(end) !== CLOSE) return unparsed(end, 'an address ends in ">"');
  if (end - from > PATH_OCTETS) return unparsed(from, 'an address that long is refused');
  const written = text.slice(at + 1, end);
  const domain = domainOf(written, at + 1);
  if (!domain.ok) return domain;
  const mailbox = mailboxOf(value, written, domain.value);
  return mailbox === undefined ? unparsed(start, 'a character no address may hold') : parsed({ mailbox, end: end + 1 });
}

/** After `@one,@two:`, or -1. The domains say nothing to us: RFC 5321 §4.1.2 has source routes accepted and ignored. */
function routeEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    if (text.charCodeAt(at) !== AT) return -1;
    const end = domainEnd(text, at + 1);
    if (!domainOf(text.slice(at + 1, end), at + 1).ok) return -1;
    const next = text.charCodeAt(end);
    if (next === COLON) return end + 1;
    if (next !== COMMA || end - from > PATH_OCTETS) return -1;
    at = end + 1;
  }
}

type Local = Readonly<{ value: string; end: number }>;

/** Dot-string: atoms with single dots between them. */
function plainLocal(text: string, from: number): Parsed<Local> {
  let at = from;
  let afterDot = true;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT && !afterDot) afterDot = true;
    else if (isAtext(code)) afterDot = false;
    else break;
  }
  if (afterDot) return unparsed(at, at === from ? 'the part before the @ is missing' : 'a dot stands between two characters');
  return parsed({ value: text.slice(from, at), end: at });
}

function quotedLocal(text: string, from: number): Parsed<Local> {
  let value = '';
  let start = from + 1;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return parsed({ value: value + text.slice(start, at), end: at + 1 });
    if (code === BACKSLASH) {
      value += text.slice(start, at++);
      start = at;
      // RFC 5321 §4.1.2: a backslash quotes a space or an ASCII graphic.
      if (text.charCodeAt(at) > 0x7e) return unparsed(at, 'a backslash may not stand there');
    }
    if (text.charCodeAt(at) < 0x20 || code === 0x7f) return unparsed(at, 'a control character');
  }
  return unparsed(text.length, 'a quotation mark is missing');
}

/** Where the domain or literal that begins here stops. */
function domainEnd(text: string, from: number): number {
  if (text.charCodeAt(from) === OPEN_SQUARE) {
    const close = text.indexOf(']', from);
    return close < 0 ? text.length : close + 1;
  }
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === CLOSE || code === COMMA || code === COLON || code <= 0x20) break;
  }
  return at;
}

/** What nearly every domain looks like; with 63 characters in all no label can be too long. Each class has one reading: no backtracking. */
const COMMON_DOMAIN = /^(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)+[a-z][a-z0-9]*(?:-+[a-z0-9]+)*$/;
const COMMON_DOMAIN_LIMIT = 63;

function domainOf(written: string, at: number): Parsed<string> {
  if (written.length <= COMMON_DOMAIN_LIMIT && COMMON_DOMAIN.test(written)) return parsed(written);
  const isLiteral = written.charCodeAt(0) === OPEN_SQUARE && written.charCodeAt(written.length - 1) === CLOSE_SQUARE;
  const domain: Parsed<unknown> = isLiteral ? parseAddressLiteral(written) : parseDomain(written);
  if (!domain.ok) return unparsed(at + domain.at, domain.why);
  return parsed(isLiteral ? written.toLowerCase() : String(domain.value));
}

function mailboxOf(local: string, written: string, domain: string): Mailbox | undefined {
  const isUtf8 = !isAsciiText(local) || !isAsciiText(written);
  if (isUtf8 && (ODD_UTF8.test(local) || ODD_UTF8.test(written))) return undefined;
  if (local.length > LOCAL_PART_OCTETS || (isUtf8 && Buffer.byteLength(local) > LOCAL_PART_OCTETS)) return undefined;
  return { text: `${localText(local)}@${written}`, local, domain, isUtf8 };
}

function isAsciiText(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** A local part as it is written: quoted only where it must be. */
export function localText(local: string): string {
  const plain = plainLocal(local, 0);
  if (plain.ok && plain.value.end === local.length) return local;
  return `"${local.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
