/**
 * Reading message content off the wire: DATA with its dots (RFC 5321 §4.5.2)
 * and BDAT chunks without (RFC 3030 §2). Content without stuffed dots is passed
 * on as slices of what arrived; nothing is held back between two reads, so it
 * does not matter where the network cuts.
 *
 * SECURITY: only CRLF.CRLF ends DATA, and a CR or LF on its own spoils the
 * message whichever verb brought it (RFC 5321 §2.3.8). Two servers that
 * disagree about where a line ends can be made to disagree about where a
 * message ends, and mail is smuggled between them.
 */
import { LineBytes } from './line-bytes.ts';

/** Why content cannot be taken. Reading goes on to its true end, so that the peer can be told. */
export type ContentFault = 'bareLineEnding' | 'lineTooLong' | 'tooBig';

/**
 * Octets of one content line. RFC 5321 §4.5.3.1.6 asks for 1000 and lets
 * servers take more; newsletters come with all their HTML, or an unwrapped
 * attachment, on one line, and nothing here keeps a line in memory.
 */
export const CONTENT_LINE_OCTETS = 1_048_576;

export type ContentRules = Readonly<{
  /** 'dots': ends at CRLF.CRLF. 'lines': a chunk of text. 'binary': any octets (BODY=BINARYMIME). */
  form: 'dots' | 'lines' | 'binary';
  /** Octets of content, dots unstuffed. */
  sizeLimit: number;
}>;

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

/** What the byte before the next one was. */
const LINE_START = 0;
const IN_LINE = 1;
const AFTER_CR = 2;
const AFTER_DOT = 3;
const AFTER_DOT_CR = 4;

export class ContentReader {
  /** Octets of content so far. */
  size = 0;
  /** The final dot has been read. */
  isOver = false;
  fault: ContentFault | undefined;

  readonly #rules: ContentRules;
  #state = LINE_START;
  /** Octets of the current line before what is being read. */
  #lineOctets = 0;
  #pieces: Buffer[] = [];

  constructor(rules: ContentRules) {
    this.#rules = rules;
  }

  /**
   * Reads what follows in `bytes`; the index behind the last byte that belongs
   * to the content or its end. `take()` then has the content in it.
   */
  read(bytes: Buffer, from: number): number {
    if (this.#rules.form === 'binary') {
      this.#keep(bytes, from, bytes.length);
      return bytes.length;
    }
    return this.#readLines(bytes, from);
  }

  /** After the last chunk: a CR nothing followed is a bare one. */
  finish(): void {
    if (this.#state === AFTER_CR) this.fault ??= 'bareLineEnding';
  }

  /** The content of what was read since the last time, in one piece; undefined when there is none, or it is spoiled. */
  take(): Buffer | undefined {
    const pieces = this.#pieces;
    if (pieces.length === 0) return undefined;
    this.#pieces = [];
    if (this.fault !== undefined) return undefined;
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
  }

  #readLines(bytes: Buffer, from: number): number {
    const scanner = new LineBytes(bytes);
    const hasDots = this.#rules.form === 'dots';
    const end = bytes.length;
    let at = from;
    let start = from;
    while (at < end) {
      const byte = bytes[at];
      if (this.#state === LINE_START) {
        this.#lineOctets = 0;
        this.#state = IN_LINE;
        if (!hasDots || byte !== DOT) continue;
        this.#keep(bytes, start, at);
        start = ++at;
        this.#state = AFTER_DOT;
      } else if (this.#state === IN_LINE) {
        at = this.#toLineEnd(scanner, at, bytes);
      } else if (this.#state === AFTER_CR) {
        if (byte === LF) at++;
        else this.fault ??= 'bareLineEnding';
        this.#state = byte === LF ? LINE_START : IN_LINE;
      } else if (this.#state === AFTER_DOT) {
        if (byte === CR) at++;
        this.#state = byte === CR ? AFTER_DOT_CR : IN_LINE;
      } else {
        if (byte === LF) {
          this.isOver = true;
          return at + 1;
        }
        this.fault ??= 'bareLineEnding';
        this.#state = IN_LINE;
      }
    }
    // A dot and a CR at the start of a line are the end of the message or a mistake, never content.
    if (this.#state !== AFTER_DOT_CR) this.#keep(bytes, start, at);
    return at;
  }

  /** From inside a line to behind its CR, or a bare LF, or what has arrived. */
  #toLineEnd(scanner: LineBytes, from: number, bytes: Buffer): number {
    const at = scanner.next(from);
    this.#lineOctets += at - from;
    if (this.#lineOctets > CONTENT_LINE_OCTETS) this.fault ??= 'lineTooLong';
    if (at === bytes.length) return at;
    if (bytes[at] === CR) this.#state = AFTER_CR;
    else this.fault ??= 'bareLineEnding';
    return at + 1;
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    if (to <= from) return;
    this.size += to - from;
    if (this.size > this.#rules.sizeLimit) this.fault ??= 'tooBig';
    if (this.fault === undefined) this.#pieces.push(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
  }
}
