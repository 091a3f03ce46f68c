/** From the octets of a field to its text: unfolded, without the characters that would break whoever writes it on. */
import { Buffer, isUtf8 } from 'node:buffer';

/** Anything that needs more than a trim. */
const UNUSUAL = /[\0\r\n\x80-\xff]/;
const LINE_ENDINGS = /\r?\n/g;
/** Left after unfolding: QUIRK: old spam tools and hostile senders put them in. */
const STRAY = /[\r\0]/g;
const CONTROLS = /[\0-\x1f\x7f]/;
const EACH_CONTROL = /[\0-\x1f\x7f]/g;

const windows1252 = new TextDecoder('windows-1252');

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;

/** Without the white space of RFC 5322 at its ends; String.trim would eat no-break spaces too. */
export function trimBlank(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

/** Raw 8-bit text: UTF-8 (RFC 6532), or what the mailers that ignore it mostly mean. */
export const rawText = (bytes: Buffer): string => (isUtf8(bytes) ? bytes.toString('utf8') : windows1252.decode(bytes));

/** The value in block[from, to): unfolded (RFC 5322 §2.2.3), trimmed, encoded words left as they are. */
export const fieldText = (block: Buffer, from: number, to: number): string => textOfLatin1(block.toString('latin1', from, to));

/** The same from octets already read as Latin-1, which costs less when many fields of one header are wanted. */
export function textOfLatin1(latin1: string): string {
  const trimmed = trimBlank(latin1);
  return UNUSUAL.test(trimmed) ? unusualText(trimmed) : trimmed;
}

/** The same where nothing but line ends can be unusual: no octet above 127 and no NUL. */
export function textOfAscii(ascii: string): string {
  const trimmed = trimBlank(ascii);
  if (!trimmed.includes('\n') && !trimmed.includes('\r')) return trimmed;
  return trimmed.replace(LINE_ENDINGS, '').replace(STRAY, ' ');
}

function unusualText(latin1: string): string {
  const unfolded = latin1.replace(LINE_ENDINGS, '').replace(STRAY, ' ');
  return trimBlank(rawText(Buffer.from(unfolded, 'latin1')));
}

/** SECURITY: decoded text may hold line ends, and with them whole fields, when it is written into a header or a protocol line. */
export const withoutControls = (text: string): string => (CONTROLS.test(text) ? text.replace(EACH_CONTROL, ' ') : text);
