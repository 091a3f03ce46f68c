/**
 * Encoded words (RFC 2047) to text and back. Neighbouring words of one charset
 * are joined as octets first, because mailers cut characters in two.
 */
import { Buffer } from 'node:buffer';
import { decodeCharset } from './charset.ts';
import { withoutControls } from './field-text.ts';
import { hexOf, hexPair } from './hex.ts';

/** Characters in one encoded word (RFC 2047 §2). */
const WORD_LIMIT = 75;
/** Characters of a charset with its language (RFC 2231 §5); longer ones are no words. */
const CHARSET_LIMIT = 100;

type Word = Readonly<{ charset: string; octets: Buffer; end: number }>;

/** Unstructured text with its encoded words decoded. Words inside other text, and words holding spaces, are read too: mailers write both. */
export function decodedHeader(value: string): string {
  let at = value.indexOf('=?');
  if (at < 0) return withoutControls(value);
  const pieces: string[] = [];
  let done = 0;
  let run: { charset: string; octets: Buffer[] } | undefined;
  const flush = (): void => {
    if (run !== undefined) pieces.push(decodeCharset(Buffer.concat(run.octets), run.charset));
    run = undefined;
  };
  for (; at >= 0; at = value.indexOf('=?', at)) {
    const word = wordAt(value, at);
    if (word === undefined) {
      at += 2;
      continue;
    }
    // RFC 2047 §6.2: white space between two words is not shown.
    const apart = run === undefined || !isOnlyBlank(value, done, at);
    if (apart) flush();
    if (apart) pieces.push(value.slice(done, at));
    if (run !== undefined && run.charset !== word.charset) flush();
    run ??= { charset: word.charset, octets: [] };
    run.octets.push(word.octets);
    at = word.end;
    done = word.end;
  }
  flush();
  pieces.push(value.slice(done));
  return withoutControls(pieces.join(''));
}

function isOnlyBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return false;
  }
  return true;
}

/** The text as one encoded word and nothing else, its charset in lower case; undefined when it is none. */
export function encodedWord(text: string): Readonly<{ charset: string; octets: Buffer }> | undefined {
  const word = text.startsWith('=?') ? wordAt(text, 0) : undefined;
  return word?.end === text.length ? word : undefined;
}

/** The word that starts at `=?`, if it is one. */
function wordAt(text: string, start: number): Word | undefined {
  const charsetEnd = text.indexOf('?', start + 2);
  if (charsetEnd < 0 || charsetEnd === start + 2 || charsetEnd - start > CHARSET_LIMIT || text[charsetEnd + 2] !== '?') return undefined;
  const textStart = charsetEnd + 3;
  const textEnd = encodedEnd(text, textStart);
  if (textEnd < 0) return undefined;
  const octets = octetsOf(text[charsetEnd + 1] ?? '', text.slice(textStart, textEnd));
  if (octets === undefined) return undefined;
  const [charset = ''] = text
    .slice(start + 2, charsetEnd)
    .toLowerCase()
    .split('*', 1);
  return { charset, octets, end: textEnd + 2 };
}

/**
 * Where the `?=` stands that ends the encoded text, or -1. QUIRK: a question
 * mark may stand unencoded in the text, but one after `=` opens another word.
 */
function encodedEnd(text: string, start: number): number {
  for (let at = text.indexOf('?', start); at >= 0; at = text.indexOf('?', at + 1)) {
    if (text[at + 1] === '=') return at;
    if (at > start && text[at - 1] === '=') return -1;
  }
  return -1;
}

function octetsOf(encoding: string, text: string): Buffer | undefined {
  if (encoding === 'B' || encoding === 'b') return Buffer.from(text, 'base64');
  return encoding === 'Q' || encoding === 'q' ? qOctets(text) : undefined;
}

/** RFC 2047 §4.2. An `=` without two hexadecimal digits stands for itself. */
function qOctets(text: string): Buffer {
  const source = Buffer.from(text, 'utf8');
  const out = Buffer.allocUnsafe(source.length);
  let length = 0;
  for (let at = 0; at < source.length; at++) {
    const byte = source[at] ?? 0;
    const value = byte === 0x3d ? hexPair(source[at + 1], source[at + 2]) : -1;
    if (value >= 0) at += 2;
    out[length++] = value >= 0 ? value : byte === 0x5f ? 0x20 : byte;
  }
  return out.subarray(0, length);
}

/** What may stand bare in a Q word anywhere, phrases included (RFC 2047 §5.3). */
const isBareInWord = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x21 ||
  byte === 0x2a ||
  byte === 0x2b ||
  byte === 0x2d ||
  byte === 0x2f;

const UTF8_B = '=?utf-8?B?';
const UTF8_Q = '=?utf-8?Q?';
const WORD_ROOM = WORD_LIMIT - UTF8_B.length - 2;

/** True when text can stand in a header as it is. */
export const isPlainHeaderText = (text: string): boolean => /^[\x20-\x7e]*$/.test(text) && !text.includes('=?');

/** Text as encoded words of at most 75 characters, no character cut in two, a space between. Q, which people can half read, unless it is half as long again as B. */
export function encodeWords(text: string): string {
  const characters = [...withoutControls(text).toWellFormed()].map((character) => Buffer.from(character, 'utf8'));
  const total = characters.reduce((sum, octets) => sum + octets.length, 0);
  const inQ = characters.reduce((sum, octets) => sum + qLength(octets), 0);
  const useQ = inQ * 2 <= Math.ceil(total / 3) * 4 * 3;
  const words: string[] = [];
  let word: Buffer[] = [];
  let room = useQ ? WORD_ROOM : Math.floor(WORD_ROOM / 4) * 3;
  for (const octets of characters) {
    const needs = useQ ? qLength(octets) : octets.length;
    if (needs > room) {
      words.push(wordOf(word, useQ));
      word = [];
      room = useQ ? WORD_ROOM : Math.floor(WORD_ROOM / 4) * 3;
    }
    word.push(octets);
    room -= needs;
  }
  if (word.length > 0) words.push(wordOf(word, useQ));
  return words.join(' ');
}

function qLength(octets: Buffer): number {
  let length = 0;
  for (const byte of octets) length += byte === 0x20 || isBareInWord(byte) ? 1 : 3;
  return length;
}

function wordOf(characters: readonly Buffer[], useQ: boolean): string {
  const octets = Buffer.concat(characters);
  return useQ ? `${UTF8_Q}${qText(octets)}?=` : `${UTF8_B}${octets.toString('base64')}?=`;
}

function qText(octets: Buffer): string {
  let text = '';
  for (const byte of octets) {
    if (byte === 0x20) text += '_';
    else text += isBareInWord(byte) ? String.fromCharCode(byte) : `=${hexOf(byte)}`;
  }
  return text;
}
