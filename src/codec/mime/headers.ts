/**
 * A header block as offsets of its fields (RFC 5322 §2.2). Nothing is decoded
 * until asked for. The scanner classifies lines by the same function, so a
 * header read here has the same fields as the structure has.
 */
import type { Buffer } from 'node:buffer';
import { asBuffer } from '../../lib/as-buffer.ts';
import { decodedHeader } from './encoded-word.ts';
import { fieldText } from './field-text.ts';
import { FIELD_LIMIT, FIELD_NAME_LIMIT } from './limits.ts';

/** `name` is in lower case. [nameStart, end) is the whole field with its line end; the value begins after the colon. */
export type Field = Readonly<{ name: string; nameStart: number; nameEnd: number; valueStart: number; end: number }>;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

/** What a line is, when it is not a field (then it is the offset of its colon). */
export const BLANK_LINE = -1;
export const FOLDED_LINE = -2;
export const OTHER_LINE = -3;

/** Looks at the line bytes[start, end), its line feed not counted: the offset of the colon, or one of the above. */
export function lineKind(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] ?? LINE_FEED;
  if (start === end || (first === RETURN && start + 1 === end)) return BLANK_LINE;
  if (first === SPACE || first === TAB) return FOLDED_LINE;
  const stop = Math.min(end, start + FIELD_NAME_LIMIT);
  let at = start;
  while (at < stop && isNameByte(bytes[at] ?? 0)) at++;
  if (at === start) return OTHER_LINE;
  // RFC 5322 §4.5.8: white space before the colon is obsolete and must be read.
  while (at < stop && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  return bytes[at] === COLON && at < end ? at : OTHER_LINE;
}

const isNameByte = (byte: number): boolean => byte > SPACE && byte < 0x7f && byte !== COLON;

/** QUIRK: an mbox separator, sometimes quoted, left on top by importers. */
export function isMboxLine(bytes: Uint8Array, start: number): boolean {
  const at = bytes[start] === 0x3e ? start + 1 : start;
  return bytes[at] === 0x46 && bytes[at + 1] === 0x72 && bytes[at + 2] === 0x6f && bytes[at + 3] === 0x6d && bytes[at + 4] === SPACE;
}

type Open = { colon: number; start: number };

/** The fields of a header block, or of the message it opens: reading ends at the blank line, at a line that is no field, or at FIELD_LIMIT. */
export function headerFields(block: Uint8Array): Field[] {
  const bytes = asBuffer(block);
  const fields: Field[] = [];
  let open: Open | undefined;
  let at = 0;
  while (at < bytes.length && fields.length < FIELD_LIMIT) {
    const lineFeed = bytes.indexOf(LINE_FEED, at);
    const end = lineFeed < 0 ? bytes.length : lineFeed;
    const kind = lineKind(bytes, at, end);
    const isField = kind >= 0;
    if (!isField && !(kind === FOLDED_LINE && open !== undefined) && !(at === 0 && isMboxLine(bytes, 0))) break;
    if (isField && open !== undefined) fields.push(fieldOf(bytes, open, at));
    if (isField) open = { colon: kind, start: at };
    at = lineFeed < 0 ? bytes.length : lineFeed + 1;
  }
  if (open !== undefined && fields.length < FIELD_LIMIT) fields.push(fieldOf(bytes, open, at));
  return fields;
}

function fieldOf(bytes: Buffer, { colon, start }: Open, end: number): Field {
  let nameEnd = colon;
  while (bytes[nameEnd - 1] === SPACE || bytes[nameEnd - 1] === TAB) nameEnd--;
  const name = bytes.toString('latin1', start, nameEnd).toLowerCase();
  return { name, nameStart: start, nameEnd, valueStart: colon + 1, end };
}

/** The value of a field as text: unfolded and trimmed, encoded words left as they are. */
export const fieldValue = (block: Uint8Array, field: Field): string => fieldText(asBuffer(block), field.valueStart, field.end);

/** The first field of that name, whatever its case. */
export function headerValue(block: Uint8Array, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const field = headerFields(block).find((field) => field.name === wanted);
  return field === undefined ? undefined : fieldValue(block, field);
}

/** Every field of that name, in the order of the message. */
export function headerValues(block: Uint8Array, name: string): string[] {
  const wanted = name.toLowerCase();
  return headerFields(block)
    .filter((field) => field.name === wanted)
    .map((field) => fieldValue(block, field));
}

/** The first field of that name for people to read: encoded words decoded. */
export function headerTextOf(block: Uint8Array, name: string): string | undefined {
  const value = headerValue(block, name);
  return value === undefined ? undefined : decodedHeader(value);
}

/** The header of a message with its blank line: what comes before the body. */
export function headerBlock(message: Uint8Array): Buffer {
  const bytes = asBuffer(message);
  const last = headerFields(bytes).at(-1);
  const at = last?.end ?? 0;
  const lineFeed = bytes.indexOf(LINE_FEED, at);
  const end = lineFeed < 0 ? bytes.length : lineFeed;
  return bytes.subarray(0, lineKind(bytes, at, end) === BLANK_LINE ? end + 1 : at);
}
