/**
 * xtext (RFC 3461 §4): how an ESMTP parameter carries octets it may not hold,
 * `+` and two upper-case hexadecimal digits for each. With SMTPUTF8 the UTF-8
 * forms of RFC 6533 §3 (`\x{20AC}`) travel inside it untouched.
 */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';

const PLUS = 0x2b;
const EQUALS = 0x3d;

const hexDigit = (code: number): number => (code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x41 && code <= 0x46 ? code - 0x37 : -1);

/** The text that was meant. Decoded characters are printable US-ASCII (RFC 3461 §4.2, §4.4): anything else is refused. */
export function decodeXtext(text: string): Parsed<string> {
  let value = '';
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === EQUALS || code === 0x7f) return unparsed(at, 'a character xtext may not hold');
    if (code !== PLUS) continue;
    const octet = hexDigit(text.charCodeAt(at + 1)) * 16 + hexDigit(text.charCodeAt(at + 2));
    const isHex = hexDigit(text.charCodeAt(at + 1)) >= 0 && hexDigit(text.charCodeAt(at + 2)) >= 0;
    // SECURITY: a coded CR or LF would become a line of its own in a delivery report.
    if (!isHex || octet < 0x20 || octet > 0x7e) return unparsed(at, '+ is followed by the code of a printable character');
    value += text.slice(start, at) + String.fromCharCode(octet);
    at += 2;
    start = at + 1;
  }
  return parsed(value + text.slice(start));
}

/** Printable US-ASCII as xtext. Other characters are left as they are: only SMTPUTF8 peers may see them. */
export function encodeXtext(text: string): string {
  let value = '';
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isPlain = code > 0x20 && code !== 0x7f && code !== PLUS && code !== EQUALS;
    value += isPlain ? text.charAt(at) : `+${code.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return value;
}
