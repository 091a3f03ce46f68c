/** What the lines of some octets are like, told before they are sent: which transfer encoding they need (RFC 2045 §2.7 to §2.9). */
import { Buffer, isAscii } from 'node:buffer';
import { asBuffer } from '../../lib/as-buffer.ts';

export type LineFacts = Readonly<{
  isAscii: boolean;
  hasNul: boolean;
  /** Octets of the longest line, its end not counted. */
  longest: number;
  /** Line feeds without a return before, and returns without a line feed behind. */
  bareFeeds: number;
  bareReturns: number;
  /** The last line has its end. */
  endsLine: boolean;
}>;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;

/** Octets come in pieces of any size. */
export class LineSurvey {
  #isAscii = true;
  #hasNul = false;
  #longest = 0;
  #length = 0;
  #bareFeeds = 0;
  #bareReturns = 0;
  #before = LINE_FEED;

  push(chunk: Uint8Array): void {
    const octets = asBuffer(chunk);
    if (!isAscii(octets)) this.#isAscii = false;
    if (octets.includes(0)) this.#hasNul = true;
    for (const octet of octets) {
      if (octet === LINE_FEED) this.#endLine();
      else {
        if (this.#before === RETURN) this.#bareReturns++;
        this.#length++;
      }
      this.#before = octet;
    }
  }

  #endLine(): void {
    const isWhole = this.#before === RETURN;
    if (!isWhole) this.#bareFeeds++;
    this.#longest = Math.max(this.#longest, this.#length - (isWhole ? 1 : 0));
    this.#length = 0;
  }

  facts(): LineFacts {
    return {
      isAscii: this.#isAscii,
      hasNul: this.#hasNul,
      longest: Math.max(this.#longest, this.#length),
      bareFeeds: this.#bareFeeds,
      bareReturns: this.#bareReturns + (this.#before === RETURN ? 1 : 0),
      endsLine: this.#length === 0,
    };
  }
}

/** Writes every line feed as CRLF, whatever the pieces. */
export class WholeLineEnds {
  #before = 0;

  push(chunk: Uint8Array): Buffer {
    const octets = asBuffer(chunk);
    const pieces: Uint8Array[] = [];
    let from = 0;
    for (let at = octets.indexOf(LINE_FEED); at >= 0; at = octets.indexOf(LINE_FEED, at + 1)) {
      if ((at === 0 ? this.#before : octets[at - 1]) === RETURN) continue;
      pieces.push(octets.subarray(from, at), Uint8Array.of(RETURN));
      from = at;
    }
    this.#before = octets.at(-1) ?? this.#before;
    return pieces.length === 0 ? octets : Buffer.concat([...pieces, octets.subarray(from)]);
  }
}
