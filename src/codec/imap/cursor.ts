/**
 * Walks over one IMAP command (RFC 9051 §9), literals and all, reading token by token.
 * The first mistake sticks: it is kept in `fault`, the cursor jumps to the end, and every
 * later read gives an empty value, so a command's reader is written as if nothing could
 * fail and the caller asks once, at the end, whether it did (command-line.ts, `parse`).
 */
import { isUtf8 } from 'node:buffer';
import { asciiUpper } from './ascii.ts';

export type Fault = Readonly<{ at: number; why: string }>;

/** Character classes of RFC 9051 §9, one bit each. */
const ATOM = 1;
const ASTRING = 2;
const LIST = 4;
const LABEL = 8;

const CLASSES = classify();

function classify(): Uint8Array {
  const classes = new Uint8Array(256);
  for (let byte = 0x21; byte < 0x7f; byte++) {
    const char = String.fromCharCode(byte);
    const isAtom = !'(){ %*"\\]'.includes(char);
    if (isAtom) classes[byte] = ATOM | ASTRING | LIST;
    if (char === ']') classes[byte] = ASTRING | LIST;
    if (char === '%' || char === '*') classes[byte] = LIST;
    if (/[A-Za-z0-9.\-_=+/:]/.test(char)) classes[byte] = (classes[byte] ?? 0) | LABEL;
  }
  return classes;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const OPEN_BRACE = 0x7b;
const TILDE = 0x7e;

/** Digits of the largest unsigned 63-bit number, 9223372036854775807. */
const NUMBER64_DIGITS = 19;
const NUMBER64_LIMIT = 0x7fffffffffffffffn;
const NUMBER32_LIMIT = 0xffffffff;

/** How octets of a string become text, or undefined when they are not of the charset. */
export type TextDecode = (bytes: Buffer) => string | undefined;

export const decodeUtf8: TextDecode = (bytes) => (isUtf8(bytes) ? bytes.toString('utf8') : undefined);

export class Cursor {
  readonly bytes: Buffer;
  at = 0;
  fault: Fault | undefined;
  /** Whether mailbox names are plain UTF-8 (IMAP4rev2 or UTF8=ACCEPT enabled) instead of modified UTF-7. */
  readonly utf8: boolean;
  /** SEARCH CHARSET replaces this. */
  decode: TextDecode = decodeUtf8;

  constructor(bytes: Buffer, utf8 = false) {
    this.bytes = bytes;
    this.utf8 = utf8;
  }

  /** Keeps the first mistake and makes every later read come back empty. */
  fail(why: string): void {
    this.fault ??= { at: this.at, why };
    this.at = this.bytes.length;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** The next octet, or -1 at the end. */
  peek(): number {
    return this.bytes[this.at] ?? -1;
  }

  /** Whether the next octet is this character. */
  sees(char: string): boolean {
    return this.bytes[this.at] === char.charCodeAt(0);
  }

  accept(char: string): boolean {
    if (!this.sees(char)) return false;
    this.at++;
    return true;
  }

  expect(char: string): void {
    if (!this.accept(char)) this.fail(char === ' ' ? 'Expected a space' : `Expected ${char}`);
  }

  space(): void {
    this.expect(' ');
  }

  /** Whether the next word is this one, in any case; reads it if so. */
  acceptWord(word: string): boolean {
    const end = this.#runOf(LABEL);
    if (end - this.at !== word.length || asciiUpper(this.bytes, this.at, end) !== word) return false;
    this.at = end;
    return true;
  }

  /** A word of the protocol (letters, digits and `.-_=+/:`), in upper case. */
  word(): string {
    const end = this.#take(LABEL, 'Expected a word');
    return asciiUpper(this.bytes, this.#tokenStart, end);
  }

  atom(): string {
    return this.#run(ATOM, 'Expected an atom');
  }

  /** The tag of a command: ASTRING-CHAR without `+`. */
  tag(): string {
    const tag = this.#run(ASTRING, 'Expected a tag');
    if (tag.includes('+')) this.fail('A tag has no + in it');
    return tag;
  }

  astring(): string {
    return this.#isStringStart() ? this.string() : this.#run(ASTRING, 'Expected a string');
  }

  /** A mailbox name with wildcards in it, as LIST and LSUB take. */
  listMailbox(): string {
    return this.#isStringStart() ? this.string() : this.#run(LIST, 'Expected a mailbox pattern');
  }

  string(): string {
    const bytes = this.octets();
    if (this.fault !== undefined) return '';
    const text = this.decode(bytes);
    if (text === undefined) this.fail('Those octets are not of the charset');
    return text ?? '';
  }

  nstring(): string | undefined {
    if (this.#isStringStart()) return this.string();
    if (!this.acceptWord('NIL')) this.fail('Expected a string or NIL');
    return undefined;
  }

  /** A quoted string or a literal, as its octets. */
  octets(): Buffer {
    if (this.peek() === QUOTE) return this.#quoted();
    if (this.#isStringStart()) return this.#literal();
    this.fail('Expected a string');
    return Buffer.alloc(0);
  }

  /** An unsigned 32-bit number. */
  number(): number {
    const value = this.number64();
    if (value > NUMBER32_LIMIT) this.fail('That number is too large');
    return this.fault === undefined ? value : 0;
  }

  nzNumber(): number {
    const value = this.number();
    if (value === 0) this.fail('Expected a number above zero');
    return value;
  }

  /**
   * An unsigned 63-bit number. Past 2^53 it is rounded down to the largest exact one: it only
   * ever serves in comparisons with sizes and mod-sequences, which never come near.
   */
  number64(): number {
    const from = this.at;
    let at = from;
    let value = 0;
    for (let byte = this.bytes[at] ?? 0; byte >= 0x30 && byte <= 0x39; byte = this.bytes[++at] ?? 0) {
      if (at - from >= NUMBER64_DIGITS) break;
      value = value * 10 + byte - 0x30;
    }
    if (at === from) this.fail('Expected a number');
    else if (!Number.isSafeInteger(value)) this.#checkLarge(from, at);
    if (this.fault !== undefined) return 0;
    this.at = at;
    return Math.min(value, Number.MAX_SAFE_INTEGER);
  }

  /** `(` item `SP` item … `)`; `least` is 0 where the list may be empty. */
  list<T>(item: () => T, least: 0 | 1 = 1): T[] {
    const items: T[] = [];
    this.expect('(');
    if (least === 0 && this.accept(')')) return items;
    do items.push(item());
    while (this.accept(' '));
    this.expect(')');
    return items;
  }

  end(): void {
    if (!this.isAtEnd) this.fail('Did not expect anything more');
  }

  /** Where the token last taken began. */
  #tokenStart = 0;

  #runOf(mask: number): number {
    let at = this.at;
    while (((CLASSES[this.bytes[at] ?? 0] ?? 0) & mask) !== 0) at++;
    return at;
  }

  #take(mask: number, why: string): number {
    const end = this.#runOf(mask);
    if (end === this.at) this.fail(why);
    this.#tokenStart = this.at;
    if (this.fault === undefined) this.at = end;
    return this.at;
  }

  #run(mask: number, why: string): string {
    const end = this.#take(mask, why);
    return this.bytes.toString('latin1', this.#tokenStart, end);
  }

  #isStringStart(): boolean {
    const byte = this.peek();
    return byte === QUOTE || byte === OPEN_BRACE || (byte === TILDE && this.bytes[this.at + 1] === OPEN_BRACE);
  }

  #quoted(): Buffer {
    const from = this.at + 1;
    let at = from;
    let escapes = 0;
    for (; at < this.bytes.length; at++) {
      const byte = this.bytes[at];
      if (byte === QUOTE) break;
      if (byte === 0x0d || byte === 0x0a || byte === 0) return this.#badString(at, 'A quoted string ends on its own line');
      if (byte !== 0x5c) continue;
      at++;
      if (this.bytes[at] !== QUOTE && this.bytes[at] !== 0x5c) return this.#badString(at, 'Only " and \\ are escaped');
      escapes++;
    }
    if (at >= this.bytes.length) return this.#badString(at, 'The quoted string has no end');
    this.at = at + 1;
    const raw = this.bytes.subarray(from, at);
    return escapes === 0 ? raw : unescape(raw, escapes);
  }

  #literal(): Buffer {
    const isBinary = this.accept('~');
    this.expect('{');
    const size = this.number64();
    if (this.peek() === PLUS) this.at++;
    this.expect('}');
    this.expect('\r');
    this.expect('\n');
    if (this.at + size > this.bytes.length) this.fail('The literal is shorter than announced');
    if (this.fault !== undefined) return Buffer.alloc(0);
    const content = this.bytes.subarray(this.at, this.at + size);
    if (!isBinary && content.includes(0)) return this.#badString(this.at, 'NUL is only allowed in a binary literal');
    this.at += size;
    return content;
  }

  #badString(at: number, why: string): Buffer {
    this.at = at;
    this.fail(why);
    return Buffer.alloc(0);
  }

  #checkLarge(from: number, to: number): void {
    const next = this.bytes[to] ?? 0;
    const isLonger = next >= 0x30 && next <= 0x39;
    if (isLonger || BigInt(this.bytes.toString('latin1', from, to)) > NUMBER64_LIMIT) this.fail('That number is too large');
  }
}

function unescape(raw: Buffer, escapes: number): Buffer {
  const plain = Buffer.allocUnsafe(raw.length - escapes);
  let to = 0;
  for (let from = 0; from < raw.length; from++) {
    if (raw[from] === 0x5c) from++;
    plain[to++] = raw[from] ?? SPACE;
  }
  return plain;
}
