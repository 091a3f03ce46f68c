/**
 * Replies as a client receives them (RFC 5321 §4.2): bytes in whatever pieces,
 * whole replies out. The lines are kept word for word, because owners are shown
 * what the other server really said.
 */
import { isUtf8 } from 'node:buffer';
import { type Unparsed, unparsed } from '../../lib/parsed.ts';

/** `lines` are verbatim as received, code included, line ends not. `enhanced` is the code of RFC 3463, e.g. "5.1.1". */
export type Reply = Readonly<{ code: number; enhanced: string | null; lines: readonly string[] }>;

/** Octets of a line. RFC 5321 §4.5.3.1.5 allows 512; a few servers write whole paragraphs. */
export const REPLY_LINE_LIMIT = 4096;
/** Lines of one reply: the longest honest ones are EHLO's and some refusals with advice, some thirty lines. */
export const REPLY_LINES_LIMIT = 100;

const CR = 0x0d;
const LF = 0x0a;
const HYPHEN = 0x2d;

export const isPositive = (reply: Reply): boolean => reply.code >= 200 && reply.code < 300;
export const isTemporary = (reply: Reply): boolean => reply.code >= 400 && reply.code < 500;
export const isPermanent = (reply: Reply): boolean => reply.code >= 500;

/** Collects bytes and gives back one reply at a time. After a fault the stream cannot be trusted any more: hang up. */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #lines: string[] = [];

  push(bytes: Buffer): void {
    const isUsedUp = this.#start >= this.#bytes.length;
    this.#bytes = isUsedUp ? bytes : Buffer.concat([this.#bytes.subarray(this.#start), bytes]);
    this.#start = 0;
  }

  /** Are there bytes that belong to no reply given out yet? */
  get hasRest(): boolean {
    return this.#start < this.#bytes.length || this.#lines.length > 0;
  }

  /** The next whole reply, a fault, or undefined until more bytes come. */
  next(): Reply | Unparsed | undefined {
    for (;;) {
      const end = this.#bytes.indexOf(LF, this.#start);
      const length = (end < 0 ? this.#bytes.length : end) - this.#start;
      if (length > REPLY_LINE_LIMIT) return unparsed(this.#start, 'a reply line is too long');
      if (end < 0) return undefined;
      const [start, code] = [this.#start, this.#codeAt(this.#start, end)];
      if (code === 0) return unparsed(start, 'a reply line begins with three digits');
      // QUIRK: a bare LF ends a line too; some old devices send no CR, and nothing can be smuggled to a client this way.
      const stop = this.#bytes[end - 1] === CR ? end - 1 : end;
      this.#lines.push(textOf(this.#bytes.subarray(start, stop)));
      if (this.#lines.length > REPLY_LINES_LIMIT) return unparsed(start, 'a reply has too many lines');
      this.#start = end + 1;
      if (this.#bytes[start + 3] === HYPHEN) continue;
      const lines = this.#lines;
      this.#lines = [];
      // QUIRK: some servers change the code half-way through; the last line is the one clients have always gone by.
      return { code, enhanced: enhancedCode(code, lines), lines };
    }
  }

  /** The code of the line, or 0. RFC 5321 §4.2: 2 to 5, then 0 to 5, then any digit. */
  #codeAt(start: number, end: number): number {
    if (end - start < 3) return 0;
    const [first = 0, second = 0, third = 0] = [this.#bytes[start], this.#bytes[start + 1], this.#bytes[start + 2]];
    const isCode = first >= 0x32 && first <= 0x35 && second >= 0x30 && second <= 0x39 && third >= 0x30 && third <= 0x39;
    const follower = this.#bytes[start + 3] ?? LF;
    if (!isCode || (follower !== 0x20 && follower !== HYPHEN && follower !== CR && follower !== LF && follower !== 0x09)) return 0;
    return (first - 0x30) * 100 + (second - 0x30) * 10 + third - 0x30;
  }
}

/** UTF-8 where it is (RFC 6531 §3.7.4.1), otherwise one character per octet, so that nothing is lost. */
function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

/** RFC 2034 §4: the enhanced code begins the text and has the class of the reply; one of another class is a mistake. */
export function enhancedCode(code: number, lines: readonly string[]): string | null {
  const found = /^([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(lines[0]?.slice(4, 16) ?? '')?.[1];
  return found !== undefined && found.charCodeAt(0) - 0x30 === Math.floor(code / 100) ? found : null;
}
