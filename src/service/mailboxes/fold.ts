/**
 * Text as SEARCH compares it: without case, and without compatibility forms
 * (RFC 5051). A word written without accents also finds the accented one, a
 * word written with them finds only that: `zoe` finds Zoë, `zoë` does not
 * find Zoe (the "asymmetric search" of UTS #10 §8.2).
 */

const NON_ASCII = /[^\0-\x7f]/;
/** The accents of Latin, Greek and Cyrillic letters. The vowel signs of other scripts are letters to their readers, and stay. */
const ACCENTS = /[\u0300-\u036f]/g;
/** Runs of blanks count as one: folded headers and wrapped lines break anywhere. */
const BLANKS = /[ \t\r\n]+/g;

/** Upper case, since two lower-case letters may share one (ς and σ) and one may become two (ß). */
const folded = (text: string): string =>
  NON_ASCII.test(text) ? text.normalize('NFKC').toUpperCase().normalize('NFC') : text.toUpperCase();

const withoutAccents = (text: string): string =>
  NON_ASCII.test(text) ? text.normalize('NFD').replace(ACCENTS, '').normalize('NFC') : text;

/** A text in which much may be looked for: folded at the first look, and once. */
export class Haystack {
  readonly #text: string;
  #exact: string | undefined;
  #bare: string | undefined;

  /** `text` as people read it: decoded, not folded. */
  constructor(text: string) {
    this.#text = text;
  }

  get exact(): string {
    this.#exact ??= folded(this.#text).replace(BLANKS, ' ');
    return this.#exact;
  }

  get bare(): string {
    this.#bare ??= withoutAccents(this.exact);
    return this.#bare;
  }
}

/** What is looked for, folded once and compared often. */
export class Needle {
  readonly empty: boolean;
  /** UTF-16 units of the folded text: how much a text cut in slices must overlap. */
  readonly length: number;
  readonly #text: string;
  readonly #accents: boolean;

  constructor(text: string) {
    const exact = folded(text);
    const bare = withoutAccents(exact);
    this.#accents = exact !== bare;
    this.#text = exact.replace(BLANKS, ' ');
    this.length = this.#text.length;
    this.empty = text === '';
  }

  isIn(hay: Haystack): boolean {
    return (this.#accents ? hay.exact : hay.bare).includes(this.#text);
  }
}
