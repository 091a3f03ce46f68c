/**
 * Reads the structure of a message out of its octets in one pass, whole or in
 * pieces of any size, keeping only the header being read and a line that may
 * be a delimiter. Both ways run the same code and give the same answer.
 */
import { Buffer, isAscii } from 'node:buffer';
import { asBuffer } from '../../lib/as-buffer.ts';
import { countLineFeeds } from '../../lib/count-line-feeds.ts';
import { ByteWindow } from './byte-window.ts';
import { TABLE_STRIDE } from './header-reading.ts';
import { BLANK_LINE, FOLDED_LINE, isMboxLine, lineKind } from './headers.ts';
import { DELIMITER_LINE_LIMIT, FIELD_LIMIT, HEADER_LIMIT, PART_HEADER_LIMIT, PART_HEADERS_LIMIT } from './limits.ts';
import { type Hit, PartTree } from './part-tree.ts';
import type { Defect, DefectKind, MessageStructure } from './structure.ts';

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const HYPHEN = 0x2d;
/** What a delimiter line begins with, seen from the line before. */
const LINE_AND_HYPHENS = Buffer.from('\n--', 'latin1');
/** Octets kept behind us: the line end before a delimiter, and whether a line end stands before that. */
const LOOK_BACK = 3;
/** Octets taken at once when something is held: bounds the copy, whatever is pushed. */
const PIECE = 64 * 1024;

/** The structure of a whole message: the same as any way of pushing its octets gives. */
export function scan(message: Uint8Array): MessageStructure {
  return MimeScanner.whole(message);
}

/** Offsets are counted from the start of the message throughout; `#window.base` turns them into places in the window. */
export class MimeScanner {
  readonly #tree = new PartTree();
  readonly #window = new ByteWindow();
  #size = 0;
  #has8Bit = false;
  #firstNul = -1;
  #sawBareLineFeed = false;
  /** The next octet to look at; in a header the start of a line. */
  #at = 0;
  /** Line feeds before #at. */
  #lineFeeds = 0;
  #inHeader = true;
  #headerStart = 0;
  #headerLimit = HEADER_LIMIT;
  /** What may still be used for the headers of parts. */
  #headerRoom = PART_HEADERS_LIMIT;
  /** See FieldTable. */
  #fields: number[] = [];
  /** Up to here no line feed stands in the header line being read. */
  #searched = 0;
  /** In a body: #at is the start of a line that was not looked at yet. */
  #atLineStart = false;

  /** Like one push and the end, but nothing needs to be kept. */
  static whole(message: Uint8Array): MessageStructure {
    const scanner = new MimeScanner();
    const bytes = asBuffer(message);
    scanner.#inspect(bytes);
    scanner.#window.add(bytes);
    return scanner.end();
  }

  push(chunk: Uint8Array): void {
    const bytes = asBuffer(chunk);
    this.#inspect(bytes);
    for (let at = 0; at < bytes.length; ) {
      const piece = this.#window.bytes.length === 0 ? bytes : bytes.subarray(at, at + PIECE);
      this.#window.add(piece);
      at += piece.length;
      this.#run(false);
      this.#window.dropBefore(Math.max(0, (this.#inHeader ? this.#headerStart : this.#at) - LOOK_BACK));
    }
  }

  end(): MessageStructure {
    this.#run(true);
    const isLineEnd = this.#octetAt(this.#size - 1) === LINE_FEED;
    const { envelope, root, references, receivedCount } = this.#tree.finish({ at: this.#size, lineFeeds: this.#lineFeeds, isLineEnd });
    return { size: this.#size, envelope, root, references, defects: this.#defects(), receivedCount, has8Bit: this.#has8Bit };
  }

  /** What can be said of octets wherever they stand. */
  #inspect(bytes: Buffer): void {
    if (!this.#has8Bit && !isAscii(bytes)) this.#has8Bit = true;
    const nul = this.#firstNul < 0 ? bytes.indexOf(0) : -1;
    if (nul >= 0) this.#firstNul = this.#size + nul;
    this.#size += bytes.length;
  }

  #defects(): Defect[] {
    const nul: Defect[] = this.#firstNul < 0 ? [] : [{ kind: 'nul', at: this.#firstNul }];
    return [...this.#tree.defects, ...nul].sort((a, b) => a.at - b.at || (a.kind < b.kind ? -1 : 1));
  }

  #octetAt(offset: number): number {
    return this.#window.bytes[offset - this.#window.base] ?? 0;
  }

  #run(isFinal: boolean): void {
    let goesOn = true;
    while (goesOn) goesOn = this.#inHeader ? this.#readHeader(isFinal) : this.#readBody(isFinal);
  }

  /** Reads header lines until the header ends (true) or the octets do (false). */
  #readHeader(isFinal: boolean): boolean {
    const { bytes, base } = this.#window;
    while (this.#inHeader) {
      const limit = this.#headerStart + this.#headerLimit - base;
      const start = this.#at - base;
      const lineFeed = bytes.indexOf(LINE_FEED, Math.max(start, this.#searched - base));
      if (lineFeed < 0 && !isFinal && bytes.length <= limit) {
        this.#searched = base + bytes.length;
        return false;
      }
      const next = lineFeed < 0 ? bytes.length : lineFeed + 1;
      if (next > limit) this.#endHeader('header-too-long');
      else if (next === start) this.#endHeader();
      else this.#readHeaderLine(start, lineFeed < 0 ? next : lineFeed, next);
    }
    return true;
  }

  /** One line of a header, at places of the window: [start, end) without line feed, `next` where the following begins. */
  #readHeaderLine(start: number, end: number, next: number): void {
    const { bytes } = this.#window;
    const hit = bytes[start] === HYPHEN && this.#tree.awaitsDelimiter ? this.#matchDelimiter(start, next) : undefined;
    // RFC 2046 §5.1.1: a delimiter ends the part even in its header.
    if (hit !== undefined) {
      this.#endHeader();
      return this.#readDelimiter(hit, next);
    }
    const fields = this.#fields;
    const kind = lineKind(bytes, start, end);
    if (kind === BLANK_LINE) {
      this.#passHeaderLine(end, next);
      return this.#endHeader();
    }
    if (kind >= 0) {
      if (fields.length >= FIELD_LIMIT * TABLE_STRIDE) return this.#endHeader('too-many-fields');
      const origin = this.#headerStart - this.#window.base;
      fields.push(start - origin, kind - origin, next - origin);
    } else if (kind === FOLDED_LINE && fields.length > 0) {
      fields[fields.length - 1] = next + this.#window.base - this.#headerStart;
    } else if (this.#at === this.#headerStart && isMboxLine(bytes, start)) {
      this.#tree.note('mbox-line', this.#at);
    } else {
      // As Postfix and Sendmail read it: what is no field begins the body.
      this.#tree.note('missing-blank-line', this.#at);
      return this.#endHeader();
    }
    this.#passHeaderLine(end, next);
  }

  #passHeaderLine(end: number, next: number): void {
    const { bytes, base } = this.#window;
    this.#at = base + next;
    if (end === next) return;
    this.#lineFeeds++;
    if (this.#sawBareLineFeed || bytes[end - 1] === RETURN) return;
    this.#sawBareLineFeed = true;
    this.#tree.note('bare-line-feed', base + end);
  }

  /** The header ends before #at. With a reason its part is opaque: nothing inside is looked for. */
  #endHeader(why?: DefectKind): void {
    const { bytes, base } = this.#window;
    if (why !== undefined) this.#tree.note(why, this.#at);
    if (!this.#tree.isEmpty) this.#headerRoom -= this.#at - this.#headerStart;
    const opensMessage = this.#tree.begin({
      block: bytes.subarray(this.#headerStart - base, this.#at - base),
      fields: this.#fields,
      headerStart: this.#headerStart,
      bodyStart: this.#at,
      lineFeeds: this.#lineFeeds,
      isOpaque: why !== undefined,
    });
    this.#inHeader = false;
    this.#atLineStart = true;
    if (opensMessage) this.#beginHeader();
  }

  #beginHeader(): void {
    this.#inHeader = true;
    this.#headerStart = this.#at;
    this.#headerLimit = Math.min(PART_HEADER_LIMIT, this.#headerRoom);
    this.#searched = this.#at;
    this.#fields = [];
  }

  /** Looks for delimiter lines until one begins a header (true) or the octets end (false). */
  #readBody(isFinal: boolean): boolean {
    const { bytes, base } = this.#window;
    while (this.#tree.awaitsDelimiter) {
      if (this.#atLineStart) {
        const read = this.#readLineStart(isFinal);
        if (read === 'wait') return false;
        if (this.#inHeader) return true;
        if (read === 'delimiter') continue;
      }
      const start = this.#at - base;
      const lineFeed = bytes.indexOf(LINE_AND_HYPHENS, start);
      const stop = lineFeed < 0 ? resumeAt(bytes, start) : lineFeed + 1;
      this.#passTo(stop);
      this.#atLineStart = stop > start && bytes[stop - 1] === LINE_FEED;
      if (lineFeed < 0 && !this.#atLineStart) return false;
      if (lineFeed < 0 && isFinal) {
        this.#passTo(bytes.length);
        return false;
      }
    }
    this.#passTo(bytes.length);
    return false;
  }

  #passTo(place: number): void {
    const { bytes, base } = this.#window;
    this.#lineFeeds += countLineFeeds(bytes, this.#at - base, place);
    this.#at = base + place;
  }

  /** A line of a body of which nothing was looked at: is it a delimiter? */
  #readLineStart(isFinal: boolean): 'wait' | 'delimiter' | 'text' {
    const { bytes, base } = this.#window;
    const start = this.#at - base;
    const length = bytes.length - start;
    const mayBe = (length < 1 || bytes[start] === HYPHEN) && (length < 2 || bytes[start + 1] === HYPHEN);
    if (mayBe) {
      const lineFeed = bytes.indexOf(LINE_FEED, start);
      if (lineFeed < 0 && !isFinal && length <= DELIMITER_LINE_LIMIT) return 'wait';
      const next = lineFeed < 0 ? bytes.length : lineFeed + 1;
      const hit = this.#matchDelimiter(start, next);
      if (hit !== undefined) {
        this.#readDelimiter(hit, next);
        return 'delimiter';
      }
    }
    this.#atLineStart = false;
    return 'text';
  }

  /** Whether the line at these places of the window is somebody's delimiter. */
  #matchDelimiter(start: number, next: number): Hit | undefined {
    const { bytes } = this.#window;
    if (next - start > DELIMITER_LINE_LIMIT || bytes[start + 1] !== HYPHEN || bytes[start] !== HYPHEN) return undefined;
    let end = next;
    // RFC 2046 §5.1.1: transport padding.
    while (end > start && isBlank(bytes[end - 1])) end--;
    return this.#tree.match(bytes.toString('latin1', start + 2, end));
  }

  /** Ends what the delimiter line at #at ends. The line end before it is its own (RFC 2046 §5.1.1). */
  #readDelimiter(hit: Hit, next: number): void {
    const { bytes, base } = this.#window;
    const ending = this.#octetAt(this.#at - 1) === LINE_FEED ? (this.#octetAt(this.#at - 2) === RETURN ? 2 : 1) : 0;
    const at = this.#at - ending;
    const lineFeeds = ending === 0 ? this.#lineFeeds : this.#lineFeeds - 1;
    const isPart = this.#tree.closeAt(hit, { at, lineFeeds, isLineEnd: this.#octetAt(at - 1) === LINE_FEED });
    this.#at = base + next;
    if (bytes[next - 1] === LINE_FEED) this.#lineFeeds++;
    this.#atLineStart = true;
    if (isPart) this.#beginHeader();
  }
}

/** How far a body without a delimiter in sight is done: to its end, or behind a line feed of which the hyphens may come yet. */
function resumeAt(bytes: Buffer, start: number): number {
  const { length } = bytes;
  const hyphen = bytes[length - 1] === HYPHEN && length - 2 >= start && bytes[length - 2] === LINE_FEED;
  return hyphen ? length - 1 : length;
}

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === LINE_FEED || byte === RETURN;
