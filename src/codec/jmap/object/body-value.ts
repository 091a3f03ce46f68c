/** The text of a part as EmailBodyValue (RFC 8621 §4.1.4). */
import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { asBuffer } from '../../../lib/as-buffer.ts';
import { decodeCharset, encodingOf, unitOctets } from '../../mime/charset.ts';
import type { Part } from '../../mime/structure.ts';
import { isKnownEncoding } from '../../mime/transfer-encoding.ts';
import { isHtml } from './body-lists.ts';

export type EmailBodyValue = Readonly<{ value: string; isEncodingProblem: boolean; isTruncated: boolean }>;

/** Octets that may be wanted of a charset for one octet of UTF-8: UTF-16 with its line ends has four. */
const SOURCE_FACTOR = 4;
/** And marks besides, such as shifts between alphabets. */
const SOURCE_MORE = 4_096;
/** Octets of a UTF-8 sequence before its last. */
const UTF8_TAIL = 3;

/** Decoded octets of a part that are enough for a value of so many octets. */
export const sourceOctets = (limit: number): number => limit * SOURCE_FACTOR + SOURCE_MORE;

/**
 * @param octets transfer encoding removed; with `isCut` the part has more
 * @param limit octets of the value in UTF-8
 */
export function bodyValue(part: Part, octets: Uint8Array, { isCut, limit }: Readonly<{ isCut: boolean; limit: number }>): EmailBodyValue {
  const charset = part.parameters['charset'];
  const source = isCut ? wholeCharacters(asBuffer(octets), charset) : asBuffer(octets);
  const decoded = decodeCharset(source, charset).toWellFormed();
  const text = withoutReturns(isCut ? withoutHalves(decoded) : decoded);
  const value = cutText(text, { limit, isHtml: isHtml(part), isCut });
  return {
    value,
    isEncodingProblem: !isKnownEncoding(part.encoding) || isMalformed(source, charset, text),
    isTruncated: isCut || value.length < text.length,
  };
}

function isMalformed(source: Buffer, charset: string | undefined, text: string): boolean {
  const encoding = charset === undefined ? 'ascii' : encodingOf(charset);
  if (encoding === undefined) return true;
  // A text may have U+FFFD of its own.
  return encoding === 'utf-8' || encoding === 'ascii' ? !isAscii(source) && !isUtf8(source) : text.includes('\ufffd');
}

/** Where octets were cut: without the beginning of a character whose rest is missing. */
function wholeCharacters(octets: Buffer, charset: string | undefined): Buffer {
  if (unitOctets(charset) === 2) return octets.subarray(0, octets.length - (octets.length % 2));
  for (let back = 1; back <= UTF8_TAIL && back <= octets.length; back++) {
    const octet = octets[octets.length - back] ?? 0;
    if (octet < 0x80) break;
    if (octet < 0xc0) continue;
    const needs = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2;
    return needs > back ? octets.subarray(0, octets.length - back) : octets;
  }
  return octets;
}

/** A return may belong to a line feed that was cut off, and a replacement to half a character. */
function withoutHalves(text: string): string {
  let end = text.length;
  while (end > text.length - UTF8_TAIL && text[end - 1] === '\ufffd') end--;
  if (text[end - 1] === '\r') end--;
  return text.slice(0, end);
}

const withoutReturns = (text: string): string => (text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text);

/** The beginning of a text, at most so many octets of UTF-8: whole characters, and in HTML whole tags. */
export function cutText(
  text: string,
  { limit, isHtml: hasTags, isCut }: Readonly<{ limit: number; isHtml: boolean; isCut: boolean }>,
): string {
  // A UTF-16 unit is at most three octets.
  const fits = text.length * 3 <= limit || Buffer.byteLength(text, 'utf8') <= limit;
  if (fits && !isCut) return text;
  const whole = fits ? text : utf8Beginning(text, limit);
  return hasTags ? text.slice(0, tagStart(text, whole.length)) : whole;
}

function utf8Beginning(text: string, limit: number): string {
  const octets = Buffer.from(text.slice(0, limit), 'utf8');
  let end = Math.min(limit, octets.length);
  while (end > 0 && ((octets[end] ?? 0) & 0xc0) === 0x80) end--;
  return octets.toString('utf8', 0, end);
}

/** Where the tag begins that `cut` lies in, else `cut`. */
function tagStart(html: string, cut: number): number {
  for (let at = html.indexOf('<'); at >= 0 && at < cut; ) {
    const end = tagEnd(html, at);
    if (end > cut) return at;
    at = html.indexOf('<', end);
  }
  return cut;
}

/** Behind the tag or comment that begins there; what is no tag is one character. A `>` in a quoted value does not count. */
function tagEnd(html: string, start: number): number {
  if (html.startsWith('<!--', start)) return endOf(html, '-->', start + 4);
  if (!/^[a-z/!?]/i.test(html[start + 1] ?? '')) return start + 1 === html.length ? Number.POSITIVE_INFINITY : start + 1;
  for (let at = start + 1; at < html.length; at++) {
    const character = html[at] ?? '';
    if (character === '>') return at + 1;
    if ((character !== '"' && character !== "'") || html[at - 1] !== '=') continue;
    const close = html.indexOf(character, at + 1);
    if (close < 0) return endOf(html, '>', at);
    at = close;
  }
  return Number.POSITIVE_INFINITY;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? Number.POSITIVE_INFINITY : at + mark.length;
}
