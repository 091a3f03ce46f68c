/**
 * What a client has sent and nobody has read yet: cut into command lines, or
 * handed out as content. In the common case nothing waits, and the buffer that
 * came from the network is read where it is.
 */
import { isUtf8 } from 'node:buffer';
import { INPUT_OCTETS, LINE_OCTETS } from './server-limits.ts';

const CR = 0x0d;
const LF = 0x0a;
const NOTHING = Buffer.alloc(0);
/** Anything but printable ASCII: then the line is looked at more closely. */
const ODD = /[^ -~]/;

export class ServerInput {
  /** Why there will be no more lines: reading on would be guessing where they begin. */
  trouble: 'lineTooLong' | 'bareLineEnding' | undefined;

  #bytes: Buffer = NOTHING;
  #at = 0;
  /** Up to here no LF was found: a line that comes in drips is searched once. */
  #searched = 0;

  push(bytes: Buffer): void {
    const waiting = this.#bytes.length - this.#at;
    // The session pauses the connection while a question is open; one that does not has a bug.
    if (waiting + bytes.length > INPUT_OCTETS + LINE_OCTETS) throw new Error('input was pushed while nobody reads it');
    this.#bytes = waiting === 0 ? bytes : Buffer.concat([this.#bytes.subarray(this.#at), bytes]);
    this.#searched -= waiting === 0 ? this.#searched : this.#at;
    this.#at = 0;
  }

  get isEmpty(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The next line without its CRLF and without trailing spaces; undefined while it is not whole, or when there is `trouble`. */
  line(): string | undefined {
    const bytes = this.#bytes;
    const lineFeed = bytes.indexOf(LF, Math.max(this.#at, this.#searched));
    const octets = (lineFeed < 0 ? bytes.length : lineFeed + 1) - this.#at;
    if (octets > LINE_OCTETS) this.trouble = 'lineTooLong';
    // SECURITY: two kinds of line ending give two readings, and mail smuggled between them.
    else if (lineFeed >= 0 && (lineFeed === this.#at || bytes[lineFeed - 1] !== CR)) this.trouble = 'bareLineEnding';
    if (this.trouble !== undefined) return undefined;
    this.#searched = lineFeed < 0 ? bytes.length : lineFeed + 1;
    if (lineFeed < 0) return undefined;
    const from = this.#at;
    this.#at = lineFeed + 1;
    return this.#text(from, lineFeed - 1);
  }

  /** All that waits, from the index given back: the buffer is shared, not copied. */
  rest(): Readonly<{ bytes: Buffer; from: number }> {
    return { bytes: this.#bytes, from: this.#at };
  }

  /** Everything in front of this index of `rest().bytes` has been read. */
  readTo(index: number): void {
    this.#at = index;
    this.#searched = index;
    if (index === this.#bytes.length) this.clear();
  }

  /** Up to `most` octets, taken. */
  take(most: number): Buffer {
    const to = Math.min(this.#bytes.length, this.#at + most);
    const taken = this.#bytes.subarray(this.#at, to);
    this.readTo(to);
    return taken;
  }

  clear(): void {
    this.#bytes = NOTHING;
    this.#at = 0;
    this.#searched = 0;
  }

  #text(from: number, to: number): string | undefined {
    // Latin-1 is one copy; only a line with odd characters is decoded with care.
    let text = this.#bytes.toString('latin1', from, to);
    if (ODD.test(text)) {
      if (text.includes('\r')) {
        this.trouble = 'bareLineEnding';
        return undefined;
      }
      // What is not UTF-8 keeps a replacement character, and the machine refuses the line.
      text = isUtf8(this.#bytes.subarray(from, to)) ? this.#bytes.toString('utf8', from, to) : '\ufffd';
    }
    // RFC 5321 §4.1.1: spaces at the end are tolerated.
    return text.endsWith(' ') ? text.trimEnd() : text;
  }
}
