/** Header fields as they go out: encoded, folded (RFC 5322 §2.2.3), and never more than one field from one value. */
import { Buffer } from 'node:buffer';
import { encodeWords, isPlainHeaderText } from './encoded-word.ts';
import { withoutControls } from './field-text.ts';
import type { FormatOptions } from './format-address.ts';
import { hexOf } from './hex.ts';

/** RFC 5322 §2.1.1: lines should be of 78 characters at most, and must be of 998. */
const LINE_GOAL = 78;
/** Octets of one word on a line (RFC 6532 §3.4 counts octets): 998 without the longest name a field of ours has. */
const WORD_LIMIT = 900;
/** Spaces side by side: more would make a line too long without giving a place to fold it. */
const BLANKS_LIMIT = 200;
const LONG_BLANKS = new RegExp(` {${BLANKS_LIMIT},}`, 'g');
/** Characters of a parameter's value in one RFC 2231 segment: room for the name and the marks. */
const SEGMENT_LENGTH = 54;
const TOKEN = /^[A-Za-z0-9!#$&+\-.^_`{|}~]+$/;
const FIELD_NAME = /^[!-9;-~]+$/;

/** A field with its line end. SECURITY: line ends in the value become spaces, so a value cannot add fields. */
export function writeField(name: string, value: string): string {
  if (!FIELD_NAME.test(name)) throw new Error(`no field may be called ${JSON.stringify(name)}`);
  const text = withoutControls(value).trim().replace(LONG_BLANKS, ' '.repeat(BLANKS_LIMIT));
  const [first = '', ...words] = text.split(' ').flatMap(inPieces);
  let field = `${name}: ${first}`;
  let length = Buffer.byteLength(field, 'utf8');
  for (const word of words) {
    const octets = Buffer.byteLength(word, 'utf8');
    const fits = length + 1 + octets <= LINE_GOAL || word === '';
    field += fits ? ` ${word}` : `\r\n ${word}`;
    length = (fits ? length + 1 : 1) + octets;
  }
  return `${field}\r\n`;
}

/** A word no line can hold is cut, though that puts a space in it: the alternative is a message nobody takes. */
function inPieces(word: string): string[] {
  if (Buffer.byteLength(word, 'utf8') <= WORD_LIMIT) return [word];
  const pieces: string[] = [''];
  let room = WORD_LIMIT;
  for (const character of word) {
    const octets = Buffer.byteLength(character, 'utf8');
    if (octets > room) {
      pieces.push('');
      room = WORD_LIMIT;
    }
    pieces[pieces.length - 1] += character;
    room -= octets;
  }
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
  // Readers decode encoded words in parameters, though RFC 2047 §5 forbids them; what only looks like one is not to be decoded.
  if (isPlainHeaderText(clean)) return `; ${name}="${clean.replace(/["\\]/g, '\\$&')}"`;
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
