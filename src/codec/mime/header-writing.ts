/** Header fields as they go out: encoded, folded (RFC 5322 §2.2.3), and never more than one field from one value. */
import { Buffer } from 'node:buffer';
import { encodeWords, isPlainHeaderText } from './encoded-word.ts';
import { withoutControls } from './field-text.ts';
import type { FormatOptions } from './format-address.ts';
import { hexOf } from './hex.ts';

/** RFC 5322 §2.1.1: lines should be of 78 characters at most, and must be of 998. */
const LINE_GOAL = 78;
/** Characters of one word on a line: 998 without the longest name a field of ours has. */
const WORD_LIMIT = 900;
/** Characters of a parameter's value in one RFC 2231 segment: room for the name and the marks. */
const SEGMENT_LENGTH = 54;
const TOKEN = /^[A-Za-z0-9!#$&+\-.^_`{|}~]+$/;
const FIELD_NAME = /^[!-9;-~]+$/;

/** A field with its line end. SECURITY: line ends in the value become spaces, so a value cannot add fields. */
export function writeField(name: string, value: string): string {
  if (!FIELD_NAME.test(name)) throw new Error(`no field may be called ${JSON.stringify(name)}`);
  const [first = '', ...words] = withoutControls(value).trim().split(' ').flatMap(inPieces);
  let text = `${name}: ${first}`;
  let length = text.length;
  for (const word of words) {
    const fits = length + 1 + word.length <= LINE_GOAL || word === '';
    text += fits ? ` ${word}` : `\r\n ${word}`;
    length = (fits ? length + 1 : 1) + word.length;
  }
  return `${text}\r\n`;
}

/** A word no line can hold is cut, though that puts a space in it: the alternative is a message nobody takes. */
function inPieces(word: string): string[] {
  if (word.length <= WORD_LIMIT) return [word];
  const pieces: string[] = [];
  for (let at = 0; at < word.length; at += WORD_LIMIT) pieces.push(word.slice(at, at + WORD_LIMIT));
  return pieces;
}

/** Text for people, as Subject holds it: only the words from the first to the last that need it are encoded. */
export function unstructured(text: string, { utf8 = false }: FormatOptions = {}): string {
  const clean = withoutControls(text);
  if (utf8 || isPlainHeaderText(clean)) return clean;
  const words = clean.split(' ');
  const first = words.findIndex((word) => !isPlainHeaderText(word));
  const last = words.findLastIndex((word) => !isPlainHeaderText(word));
  const middle = encodeWords(words.slice(first, last + 1).join(' '));
  return [...words.slice(0, first), middle, ...words.slice(last + 1)].join(' ');
}

/** `; name=value` with all RFC 2231 asks for. */
export function writeParameter(name: string, value: string): string {
  const clean = withoutControls(value);
  if (TOKEN.test(clean)) return `; ${name}=${clean}`;
  if (/^[\x20-\x7e]*$/.test(clean)) return `; ${name}="${clean.replace(/["\\]/g, '\\$&')}"`;
  const segments = percentSegments(clean);
  if (segments.length === 1) return `; ${name}*=utf-8''${segments[0] ?? ''}`;
  return segments.map((segment, index) => `; ${name}*${index}*=${index === 0 ? "utf-8''" : ''}${segment}`).join('');
}

function percentSegments(text: string): string[] {
  const segments: string[] = [''];
  for (const byte of Buffer.from(text.toWellFormed(), 'utf8')) {
    const character = String.fromCharCode(byte);
    const piece = byte < 0x80 && TOKEN.test(character) ? character : `%${hexOf(byte)}`;
    const last = segments.at(-1) ?? '';
    if (last.length + piece.length > SEGMENT_LENGTH) segments.push(piece);
    else segments[segments.length - 1] = last + piece;
  }
  return segments;
}
