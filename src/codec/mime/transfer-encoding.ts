/**
 * Transfer encodings (RFC 2045 §6) by name, and quoted-printable itself; read
 * leniently, written strictly. The decoders take pieces of any size and give
 * the same octets as decoding in one call.
 */
import { Buffer } from 'node:buffer';
import { asBuffer } from '../../lib/as-buffer.ts';
import { Base64Decoder, decodeBase64 } from './base64.ts';
import { hexOf, hexPair } from './hex.ts';
import { decodeUu, UuDecoder } from './uuencode.ts';

export type TransferDecoder = Readonly<{ push(chunk: Uint8Array): Buffer; end(): Buffer }>;

/** White space kept back because a line end may follow; a longer run is no padding but text. */
const TRAILING_LIMIT = 1_000;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const EQUALS = 0x3d;

/** Encodings that change nothing. An encoding nobody knows is read as one of them (RFC 2045 §6.4 would hide the text instead). */
const isIdentity = (encoding: string): boolean => encoding !== 'base64' && encoding !== 'quoted-printable' && !isUu(encoding);
const isUu = (encoding: string): boolean =>
  encoding === 'x-uuencode' || encoding === 'uuencode' || encoding === 'x-uue' || encoding === 'uue';

/** Whether RFC 2045 or custom gives this encoding a meaning. */
export const isKnownEncoding = (encoding: string): boolean =>
  !isIdentity(encoding) || encoding === '7bit' || encoding === '8bit' || encoding === 'binary';

/** The octets a part stands for. May share memory with `body`. */
export function decodeTransfer(body: Uint8Array, encoding: string): Buffer {
  const bytes = asBuffer(body);
  if (isIdentity(encoding)) return bytes;
  if (isUu(encoding)) return decodeUu(bytes);
  if (encoding === 'base64') return decodeBase64(bytes);
  const decoder = new QuotedPrintableDecoder();
  return Buffer.concat([decoder.push(bytes), decoder.end()]);
}

/** A decoder for pieces as they come, or undefined when nothing needs decoding. */
export function transferDecoder(encoding: string): TransferDecoder | undefined {
  if (encoding === 'base64') return new Base64Decoder();
  if (isUu(encoding)) return new UuDecoder();
  return encoding === 'quoted-printable' ? new QuotedPrintableDecoder() : undefined;
}

/** RFC 2045 §6.7: white space before a line end is dropped (rule 3), `=` before one joins lines. A wrong `=` stands for itself. */
export class QuotedPrintableDecoder implements TransferDecoder {
  #held: Buffer = Buffer.alloc(0);

  push(chunk: Uint8Array): Buffer {
    const bytes = this.#held.length === 0 ? asBuffer(chunk) : Buffer.concat([this.#held, chunk]);
    const ready = readyLength(bytes);
    this.#held = Buffer.from(bytes.subarray(ready));
    return decodeQuoted(bytes.subarray(0, ready), false);
  }

  end(): Buffer {
    const rest = decodeQuoted(this.#held, true);
    this.#held = Buffer.alloc(0);
    return rest;
  }
}

/** How much can be decoded now: not an `=` whose digits or line end may be on their way, nor white space that may end a line. */
function readyLength(bytes: Buffer): number {
  let end = bytes.length;
  const stop = Math.max(0, end - TRAILING_LIMIT);
  while (end > stop && isBlank(bytes[end - 1])) end--;
  if (end > 0 && bytes[end - 1] === EQUALS) return end - 1;
  if (end === bytes.length && end > 1 && bytes[end - 2] === EQUALS && bytes[end - 1] !== LINE_FEED) return end - 2;
  return end;
}

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === RETURN;

/** `last`: the body ends here, and that ends its last line too. */
function decodeQuoted(bytes: Buffer, last: boolean): Buffer {
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  /** Just past the last octet that may not be dropped as trailing white space. */
  let solid = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === EQUALS) {
      const value = hexPair(bytes[at + 1], bytes[at + 2]);
      const joint = value >= 0 ? -1 : softBreakEnd(bytes, at + 1, last);
      if (joint < 0) out[length++] = value >= 0 ? value : EQUALS;
      if (value >= 0) at += 2;
      else if (joint >= 0) at = joint - 1;
      solid = length;
    } else if (byte === LINE_FEED) {
      length = Math.max(solid, length - TRAILING_LIMIT);
      if (bytes[at - 1] === RETURN) out[length++] = RETURN;
      out[length++] = LINE_FEED;
      solid = length;
    } else {
      out[length++] = byte;
      if (!isBlank(byte)) solid = length;
    }
  }
  return out.subarray(0, last ? Math.max(solid, length - TRAILING_LIMIT) : length);
}

/** Behind the line end of a soft line break whose `=` stands before `at`, white space before it allowed; -1 when it is none. */
function softBreakEnd(bytes: Buffer, at: number, last: boolean): number {
  const stop = Math.min(bytes.length, at + TRAILING_LIMIT);
  let end = at;
  while (end < stop && isBlank(bytes[end])) end++;
  if (bytes[end] === LINE_FEED) return end + 1;
  return last && end === bytes.length ? end : -1;
}

/** RFC 2045 §6.8: lines of 76 characters, each with its line end. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = asBuffer(bytes).toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += LINE_LENGTH) lines.push(`${text.slice(at, at + LINE_LENGTH)}\r\n`);
  return lines.join('');
}

/** Characters in an encoded line (RFC 2045 §6.7 rule 5, §6.8). */
const LINE_LENGTH = 76;

/** RFC 2045 §6.7 for text: line ends stay line ends, each written as CRLF; what a mail path may change is encoded. */
export function encodeQuotedPrintable(text: Uint8Array): string {
  const lines = asBuffer(text).toString('latin1').split(/\r?\n/);
  return lines.map(quotedLine).join('\r\n');
}

function quotedLine(line: string): string {
  const pieces: string[] = [];
  let room = LINE_LENGTH - 1;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    const piece = isSafe(line, at) ? (line[at] ?? '') : `=${hexOf(code)}`;
    if (piece.length > room) {
      pieces.push('=\r\n');
      room = LINE_LENGTH - 1;
    }
    pieces.push(piece);
    room -= piece.length;
  }
  return pieces.join('');
}

/** White space may stand anywhere but last; a first dot and `From ` are encoded because mail paths change them (RFC 2049 §3). */
function isSafe(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  if (code === 0x20 || code === 0x09) return at < line.length - 1;
  if (code <= 0x20 || code > 0x7e || code === EQUALS) return false;
  return at > 0 || !(line === '.' || line.startsWith('From '));
}
