/**
 * Domain names as mail uses them (RFC 5321 §4.1.2, RFC 5890 §2.3): parsed once at
 * the door, then carried in one form, lower case with A-labels and no final dot,
 * so that two names are the same domain exactly when the strings are equal.
 */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';
import { isAscii, LABEL_LIMIT, labelToAscii, labelToUnicode } from './idna.ts';
import { isIp } from './ip.ts';

/** RFC 1035 §2.3.4: 255 octets on the wire are 253 characters of text. */
const NAME_LIMIT = 253;
/** Four bytes of UTF-8 or a surrogate pair may become one A-label character at best, so longer text cannot fit. */
const TYPED_LIMIT = NAME_LIMIT * 2;
/** What people type between labels: the full stop and its ideographic, full-width and half-width sisters (RFC 5895 §2). */
const DOTS = /[.\u3002\uff0e\uff61]/u;

export type DomainOptions = Readonly<{
  /** Names such as _dmarc.example.org, which no host bears but DNS does. */
  allowUnderscore?: boolean;
  /** "example.org." as in a zone file; in a mail address it is a mistake. */
  allowFinalDot?: boolean;
}>;

/** The one form of a domain name typed by a person or sent by a peer, or what is wrong with it. */
export function parseDomain(text: string, { allowUnderscore = false, allowFinalDot = false }: DomainOptions = {}): Parsed<string> {
  if (text.length > TYPED_LIMIT) return unparsed(TYPED_LIMIT, 'a domain name has 253 characters at most');
  const plain = allowFinalDot && text.endsWith('.') ? text.slice(0, -1) : text;
  if (plain === '') return unparsed(0, 'a domain name is missing');
  const labels: string[] = [];
  let at = 0;
  for (const label of isAscii(plain) ? plain.split('.') : plain.split(DOTS)) {
    const ascii = labelToAscii(label);
    if (!ascii.ok) return unparsed(at + ascii.at, ascii.why);
    const why = whyNotAsciiLabel(ascii.value, allowUnderscore);
    if (why !== undefined) return unparsed(at, why);
    labels.push(ascii.value);
    at += label.length + 1;
  }
  const name = labels.join('.');
  if (name.length > NAME_LIMIT) return unparsed(NAME_LIMIT, 'a domain name has 253 characters at most');
  // RFC 3696 §2: no top-level domain is all digits, and what looks like an address must never be one to somebody else.
  if (/^\d+$/.test(labels.at(-1) ?? '') || isIp(name)) return unparsed(0, 'an address is not a domain name');
  return parsed(name);
}

/** RFC 1123 §2.1: letters, digits, hyphens inside. */
function whyNotAsciiLabel(label: string, allowUnderscore: boolean): string | undefined {
  if (label === '') return 'a label is empty';
  if (label.length > LABEL_LIMIT) return 'a label has 63 characters at most';
  for (let at = 0; at < label.length; at++) {
    const code = label.charCodeAt(at);
    const isLetterOrDigit = (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
    const isAllowed = isLetterOrDigit || code === 0x2d || (allowUnderscore && code === 0x5f);
    if (!isAllowed) return 'a character no domain name may hold';
  }
  return label.startsWith('-') || label.endsWith('-') ? 'a label may not begin or end with a hyphen' : undefined;
}

/** A name in its one form, as people read it. SECURITY: for display only; look-alikes are the reader's risk, compare A-labels. */
export function domainToUnicode(domain: string): string {
  return domain.includes('xn--') ? domain.split('.').map(labelToUnicode).join('.') : domain;
}

/** Is `domain` the same as `parent` or below it? Both in their one form. */
export function isAtOrBelow(domain: string, parent: string): boolean {
  return (
    domain === parent || (domain.length > parent.length && domain.endsWith(parent) && domain[domain.length - parent.length - 1] === '.')
  );
}

/** The name without its first label, or undefined at the top. */
export function parentOf(domain: string): string | undefined {
  const dot = domain.indexOf('.');
  return dot < 0 ? undefined : domain.slice(dot + 1);
}
