/**
 * Base64 of bodies (RFC 2045 §6.8). Octets outside the alphabet are skipped.
 * Padding may be the end of the data, as the RFC allows, and mailing lists put
 * plain text behind it; but some mailers pad every line. So behind the first
 * padding a line counts only when all of it is base64.
 */
import { Buffer } from 'node:buffer';
import { asBuffer } from '../../lib/as-buffer.ts';

/** Octets in a line behind the padding; a longer one was not written by an encoder (RFC 2045 §6.8: 76). */
const LINE_LIMIT = 1_000;
const EQUALS = 0x3d;
const LINE_FEED = 0x0a;
const WHOLE_LINE = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** 64 for what is no digit. QUIRK: the web alphabet counts, as in Node's decoder. */
const VALUES = digitValues();

export function decodeBase64(bytes: Buffer): Buffer {
  const padding = bytes.indexOf(EQUALS);
  if (padding < 0) return Buffer.from(bytes.toString('latin1'), 'base64');
  const start = Buffer.from(bytes.toString('latin1', 0, padding), 'base64');
  const rest = new PaddedLines();
  const more = [...rest.push(bytes.subarray(padding)), ...rest.end()];
  return more.length === 0 ? start : Buffer.concat([start, ...more]);
}

/** The same for pieces as they come. */
export class Base64Decoder {
  #bits = 0;
  #count = 0;
  #rest: PaddedLines | undefined;

  push(chunk: Uint8Array): Buffer {
    const bytes = asBuffer(chunk);
    if (this.#rest !== undefined) return Buffer.concat(this.#rest.push(bytes));
    const padding = bytes.indexOf(EQUALS);
    const start = this.#digits(padding < 0 ? bytes : bytes.subarray(0, padding));
    if (padding < 0) return start;
    const last = this.#drain();
    this.#rest = new PaddedLines();
    return Buffer.concat([start, last, ...this.#rest.push(bytes.subarray(padding))]);
  }

  end(): Buffer {
    return this.#rest === undefined ? this.#drain() : Buffer.concat(this.#rest.end());
  }

  #digits(bytes: Buffer): Buffer {
    const out = Buffer.allocUnsafe(Math.ceil((bytes.length + this.#count) / 4) * 3);
    let length = 0;
    for (const byte of bytes) {
      const value = VALUES[byte] ?? 64;
      if (value === 64) continue;
      this.#bits = (this.#bits << 6) | value;
      if (++this.#count < 4) continue;
      length = out.writeUIntBE(this.#bits & 0xffffff, length, 3);
      this.#count = 0;
    }
    return out.subarray(0, length);
  }

  /** The octets of a group that was not filled. */
  #drain(): Buffer {
    const octets = Buffer.alloc(3);
    octets.writeUIntBE((this.#bits << (6 * (4 - this.#count))) & 0xffffff, 0, 3);
    const length = Math.max(0, this.#count - 1);
    this.#count = 0;
    return octets.subarray(0, length);
  }
}

/** Everything from the first padding on, line by line, until one is no base64. */
class PaddedLines {
  #line = '';
  /** The padding itself stands at the front of what is pushed. */
  #atPadding = true;
  #isOver = false;

  push(bytes: Buffer): Buffer[] {
    const found: Buffer[] = [];
    let at = 0;
    while (this.#atPadding && at < bytes.length && bytes[at] === EQUALS) at++;
    if (at < bytes.length) this.#atPadding = false;
    while (at < bytes.length && !this.#isOver) {
      const lineFeed = bytes.indexOf(LINE_FEED, at);
      const end = lineFeed < 0 ? bytes.length : lineFeed;
      if (this.#line.length + end - at > LINE_LIMIT) this.#isOver = true;
      else this.#line += bytes.toString('latin1', at, end);
      if (lineFeed >= 0 && !this.#isOver) found.push(this.#take());
      at = end + 1;
    }
    return found;
  }

  end(): Buffer[] {
    return this.#isOver ? [] : [this.#take()];
  }

  #take(): Buffer {
    const line = this.#line.trim();
    this.#line = '';
    const isWhole = WHOLE_LINE.test(line);
    if (!isWhole) this.#isOver = true;
    return Buffer.from(isWhole ? line : '', 'base64');
  }
}

function digitValues(): Uint8Array {
  const values = new Uint8Array(256).fill(64);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  for (let value = 0; value < 64; value++) values[alphabet.charCodeAt(value)] = value;
  values[0x2d] = 62;
  values[0x5f] = 63;
  return values;
}
