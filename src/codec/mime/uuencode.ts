/** Reads uuencode, which old mailers named as transfer encoding: from the first `begin` line to `end`. */
import { Buffer } from 'node:buffer';

const LINE_FEED = 0x0a;
/** Octets in which `begin` must come; what has none that early was not uuencoded. */
const BEGIN_WITHIN = 65_536;
/** Octets of a line that are looked at: 61 are the longest an encoder writes, the rest is padding or no uuencode. */
const LINE_LIMIT = 1_000;
/** Octets a line can stand for: its first character counts to 63. */
const LINE_OCTETS = 63;
/** Octets decoded into one buffer. */
const PIECE_OCTETS = 65_536;
const BEGIN = 'begin ';

/** Without a `begin` line the octets come back as they are. */
export function decodeUu(bytes: Buffer): Buffer {
  const decoder = new UuDecoder();
  return Buffer.concat([decoder.push(bytes), decoder.end()]);
}

/**
 * The same for pieces as they come. SECURITY: a line of three octets may stand
 * for 63 (what a transport cut off were zeros), so nothing large is ever
 * decoded in one go.
 */
export class UuDecoder {
  #state: 'before' | 'lines' | 'plain' | 'over' = 'before';
  #held: Buffer = Buffer.alloc(0);

  push(chunk: Uint8Array): Buffer {
    if (this.#state === 'over') return NOTHING;
    const bytes =
      this.#held.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([this.#held, chunk]);
    this.#held = NOTHING;
    if (this.#state === 'before') return this.#lookForBegin(bytes);
    return this.#state === 'plain' ? bytes : this.#lines(bytes);
  }

  end(): Buffer {
    const rest = this.#held;
    this.#held = NOTHING;
    const out = new Octets();
    if (this.#state === 'lines' && rest.length > 0) this.#line(rest, out);
    return this.#state === 'before' ? rest : out.take();
  }

  #lookForBegin(bytes: Buffer): Buffer {
    const begin = bytes.indexOf(BEGIN);
    const isLine = begin === 0 || (begin > 0 && bytes[begin - 1] === LINE_FEED);
    const lineFeed = isLine ? bytes.indexOf(LINE_FEED, begin) : -1;
    if (lineFeed >= 0 && begin < BEGIN_WITHIN) {
      this.#state = 'lines';
      return this.#lines(bytes.subarray(lineFeed + 1));
    }
    const mayCome = begin < 0 || isLine;
    if (mayCome && bytes.length < BEGIN_WITHIN + LINE_LIMIT) {
      this.#held = Buffer.from(bytes);
      return NOTHING;
    }
    this.#state = 'plain';
    return bytes;
  }

  #lines(bytes: Buffer): Buffer {
    const out = new Octets();
    let at = 0;
    while (this.#state === 'lines') {
      const lineFeed = bytes.indexOf(LINE_FEED, at);
      if (lineFeed < 0) {
        this.#held = Buffer.from(bytes.subarray(at, at + LINE_LIMIT));
        break;
      }
      this.#line(bytes.subarray(at, lineFeed), out);
      at = lineFeed + 1;
    }
    return out.take();
  }

  #line(line: Buffer, out: Octets): void {
    const length = valueOf(line[0]);
    if (length === 0 || isEnd(line)) this.#state = 'over';
    else out.add(line, length);
  }
}

const NOTHING = Buffer.alloc(0);

/** `end` could also be the start of a line of 37 octets, but that one would be 53 characters long. */
const isEnd = (line: Buffer): boolean => line.length <= 4 && line.toString('latin1').trim() === 'end';

/** A grave accent is written for a space: both are zero. */
const valueOf = (byte: number | undefined): number => ((byte ?? 0x20) - 0x20) & 63;

/** Decoded lines, one behind the other. */
class Octets {
  readonly #full: Buffer[] = [];
  #piece: Buffer = NOTHING;
  #filled = 0;

  add(line: Buffer, length: number): void {
    if (this.#piece.length - this.#filled < LINE_OCTETS) this.#next();
    const stop = this.#filled + length;
    for (let at = 1; this.#filled < stop; at += 4) {
      const bits = (valueOf(line[at]) << 18) | (valueOf(line[at + 1]) << 12) | (valueOf(line[at + 2]) << 6) | valueOf(line[at + 3]);
      for (let octet = 0; octet < 3 && this.#filled < stop; octet++) this.#piece[this.#filled++] = (bits >> (16 - 8 * octet)) & 255;
    }
  }

  #next(): void {
    if (this.#filled > 0) this.#full.push(this.#piece.subarray(0, this.#filled));
    this.#piece = Buffer.allocUnsafeSlow(PIECE_OCTETS);
    this.#filled = 0;
  }

  take(): Buffer {
    const last = this.#piece.subarray(0, this.#filled);
    return this.#full.length === 0 ? last : Buffer.concat([...this.#full, last]);
  }
}
