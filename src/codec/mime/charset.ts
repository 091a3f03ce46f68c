/**
 * Octets to text by charset label (RFC 2045 §5, RFC 2047 §3), for mail as it
 * is: wrong labels, no labels, labels nobody registered. Never throws; what
 * cannot be read becomes U+FFFD.
 */
import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { asBuffer } from '../../lib/as-buffer.ts';
import { CHARSETS } from './charset.table.ts';
import { decodeUtf7 } from './utf7.ts';

/** Labels are short; a longer one is noise. */
const LABEL_LIMIT = 64;
const ESCAPE = 0x1b;
const NOT_LABEL = /[^a-z0-9]/g;
const NON_ASCII = /[^\0-\x7f\ufffd]/;

/** Made when first used. Bounded: only names from the table or known to TextDecoder get in. */
const decoders = new Map<string, TextDecoder>();

/** Encodings in which pure ASCII octets may mean something else. */
const NOT_ASCII_BASED: ReadonlySet<string> = new Set([
  'utf-7',
  'utf-16',
  'utf-16le',
  'utf-16be',
  'iso-2022-jp',
  'iso-2022-kr',
  'hz-gb-2312',
]);

/** The encoding a label means, or undefined when nobody knows it. 'ascii' is the answer for labels that promise nothing. */
export function encodingOf(label: string): string | undefined {
  if (label.length > LABEL_LIMIT) return undefined;
  const lower = label.toLowerCase();
  const known = CHARSETS.get(lower.replace(NOT_LABEL, ''));
  if (known !== undefined) return known;
  return decoderOf(lower.trim())?.encoding;
}

function decoderOf(encoding: string): TextDecoder | undefined {
  const made = decoders.get(encoding);
  if (made !== undefined) return made;
  try {
    const decoder = new TextDecoder(encoding);
    decoders.set(encoding, decoder);
    return decoder;
  } catch {
    // The only way to ask which labels this Node knows.
    return undefined;
  }
}

/** Text of the octets. Without a charset, or with one nobody knows: UTF-8 where it is valid, else windows-1252. */
export function decodeCharset(octets: Uint8Array, charset?: string): string {
  const bytes = asBuffer(octets);
  const encoding = charset === undefined ? 'ascii' : (encodingOf(charset) ?? 'ascii');
  if (!NOT_ASCII_BASED.has(encoding)) {
    if (isAscii(bytes)) return bytes.toString('latin1');
    if (encoding === 'ascii') return guessed(bytes);
    if (encoding === 'utf-8') return utf8(bytes);
  }
  return inEncoding(bytes, encoding);
}

/** The charset by which to read a text slice by slice: UTF-16 is settled by its first octets, and keeps to it. */
export function settledCharset(first: Uint8Array, charset: string | undefined): string | undefined {
  return charset !== undefined && encodingOf(charset) === 'utf-16' ? utf16Order(asBuffer(first)) : charset;
}

/** Octets of a character that may not be cut: 2 in UTF-16, else 1 behind a line end. */
export const unitOctets = (charset: string | undefined): number =>
  charset !== undefined && encodingOf(charset)?.startsWith('utf-16') === true ? 2 : 1;

function inEncoding(bytes: Buffer, encoding: string): string {
  switch (encoding) {
    case 'utf-7':
      return decodeUtf7(bytes);
    case 'utf-16':
      return plain(bytes, utf16Order(bytes));
    case 'iso-2022-jp':
      return plain(withoutIdleEscapes(bytes), encoding);
    case 'iso-2022-kr':
      return plain(shifted(bytes, isoKoreanShift), 'euc-kr');
    case 'hz-gb-2312':
      return plain(shifted(bytes, hzShift), 'gbk');
    default:
      return plain(bytes, encoding);
  }
}

const plain = (bytes: Buffer, encoding: string): string => decoderOf(encoding)?.decode(bytes) ?? guessed(bytes);
const guessed = (bytes: Buffer): string => (isUtf8(bytes) ? plain(bytes, 'utf-8') : plain(bytes, 'windows-1252'));

/** QUIRK: text called UTF-8 in which not one sequence is valid was windows-1252 all along. */
function utf8(bytes: Buffer): string {
  const text = plain(bytes, 'utf-8');
  return isUtf8(bytes) || NON_ASCII.test(text) ? text : plain(bytes, 'windows-1252');
}

/** RFC 2781 §4.3: without a mark the order is big-endian. QUIRK: Windows writes little-endian without one, so zeros decide. */
function utf16Order(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return bytes[1] === 0 && bytes[0] !== 0 ? 'utf-16le' : 'utf-16be';
}

/**
 * TextDecoder writes U+FFFD for an escape sequence with no text behind it, and
 * where encoded words are joined there always is one: ESC ( B, then ESC $ B.
 */
function withoutIdleEscapes(bytes: Buffer): Buffer {
  const kept: Buffer[] = [];
  let done = 0;
  for (let at = bytes.indexOf(ESCAPE); at >= 0; at = bytes.indexOf(ESCAPE, at + 1)) {
    // ESC $ ( D has four octets, the others three.
    const end = at + (bytes[at + 1] === 0x24 && bytes[at + 2] === 0x28 ? 4 : 3);
    if (bytes[end] !== ESCAPE) continue;
    kept.push(bytes.subarray(done, at));
    done = end;
  }
  return done === 0 ? bytes : Buffer.concat([...kept, bytes.subarray(done)]);
}

/** What stands at a place: marks to skip, and the state they set. With neither, an octet of text. */
type Shift = (bytes: Buffer, at: number) => Readonly<{ skip: number; high?: boolean }>;

/** Turns a seven-bit double-byte encoding into its eight-bit sister, by setting the top bit between the marks. */
function shifted(bytes: Buffer, shiftAt: Shift): Buffer {
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  let isHigh = false;
  for (let at = 0; at < bytes.length; ) {
    const { skip, high } = shiftAt(bytes, at);
    at += skip;
    if (high !== undefined) {
      isHigh = high;
      continue;
    }
    const byte = bytes[at++];
    if (byte === undefined) break;
    if (byte === 0x0a) isHigh = false;
    out[length++] = isHigh && byte > 0x20 ? byte | 0x80 : byte;
  }
  return out.subarray(0, length);
}

/** RFC 1557: `ESC $ ) C` announces Korean, SO begins it and SI ends it. */
const isoKoreanShift: Shift = (bytes, at) => {
  if (bytes[at] === 0x0e) return { skip: 1, high: true };
  if (bytes[at] === 0x0f) return { skip: 1, high: false };
  const announces = bytes[at] === 0x1b && bytes[at + 1] === 0x24 && bytes[at + 2] === 0x29 && bytes[at + 3] === 0x43;
  return announces ? { skip: 4, high: false } : { skip: 0 };
};

/** RFC 1843: `~{` begins Chinese and `~}` ends it, two tildes are one, and a tilde before a line end joins lines. */
const hzShift: Shift = (bytes, at) => {
  if (bytes[at] !== 0x7e) return { skip: 0 };
  const next = bytes[at + 1];
  if (next === 0x7b) return { skip: 2, high: true };
  if (next === 0x7d || next === 0x0a) return { skip: 2, high: false };
  return { skip: next === 0x7e ? 1 : 0 };
};
