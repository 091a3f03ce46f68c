/**
 * Where words of a search stand in a text, and the text with them marked
 * (RFC 8621 §5). Compared as the search compares: without case, and without
 * accents where the word has none.
 */

/** Marks in one text; more would mark everything. */
const MARK_LIMIT = 100;
/** Octets of a snippet (RFC 8621 §5). */
export const SNIPPET_OCTETS = 255;
/** Characters before the first mark. */
const BEFORE = 40;
/** What is looked at of a text behind its first mark: no snippet holds more characters. */
const WINDOW = SNIPPET_OCTETS;

export type Range = readonly [from: number, to: number];

const ACCENTS = /[\u0300-\u036f]/g;
const bare = (text: string): string => text.normalize('NFKD').replace(ACCENTS, '').toUpperCase();
const exact = (text: string): string => text.normalize('NFKC').toUpperCase();

/** A text folded, and for each unit of it where in the text it came from. */
function foldedBy(text: string, fold: (text: string) => string): Readonly<{ folded: string; from: readonly number[] }> {
  let folded = '';
  const from: number[] = [];
  let at = 0;
  for (const character of text) {
    const one = fold(character);
    for (let unit = 0; unit < one.length; unit++) from.push(at);
    folded += one;
    at += character.length;
  }
  from.push(at);
  return { folded, from };
}

/** Disjoint, ascending. */
export function wordRanges(text: string, words: readonly string[]): readonly Range[] {
  const found: Range[] = [];
  const plain = foldedBy(text, bare);
  const accented = words.some((word) => bare(word) !== exact(word)) ? foldedBy(text, exact) : plain;
  for (const word of words) {
    const isBare = bare(word) === exact(word);
    const needle = isBare ? bare(word) : exact(word);
    const { folded, from } = isBare ? plain : accented;
    if (needle === '') continue;
    for (let at = folded.indexOf(needle); at >= 0 && found.length < MARK_LIMIT; at = folded.indexOf(needle, at + needle.length))
      found.push([from[at] ?? 0, from[at + needle.length] ?? text.length]);
  }
  found.sort(([one], [other]) => one - other);
  const apart: Range[] = [];
  for (const [start, end] of found) {
    const last = apart.at(-1);
    if (last !== undefined && start < last[1]) apart[apart.length - 1] = [last[0], Math.max(last[1], end)];
    else if (end > start) apart.push([start, end]);
  }
  return apart;
}

/** SECURITY: clients put this into a page as it is. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

/** All of the text. */
export function marked(text: string, ranges: readonly Range[]): string {
  let out = '';
  let at = 0;
  for (const [from, to] of ranges) {
    out += `${escaped(text.slice(at, from))}<mark>${escaped(text.slice(from, to))}</mark>`;
    at = to;
  }
  return out + escaped(text.slice(at));
}

/** The text around the first mark, in at most SNIPPET_OCTETS with entities and tags; null where nothing is marked. */
export function snippet(text: string, words: readonly string[]): string | null {
  const [first] = wordRanges(text, words);
  if (first === undefined) return null;
  const start = first[0] <= BEFORE ? 0 : wordStart(text, first[0] - BEFORE);
  const before = start === 0 ? '' : '…';
  const window = text.slice(start, Math.max(first[1], start + WINDOW)).replace(/\s/g, ' ');
  const ranges = wordRanges(window, words);
  const characters = [...window];
  for (let count = characters.length; count > 0; count = Math.floor(count * 0.9)) {
    const end = characters.slice(0, count).join('').length;
    const isWhole = start + end >= text.length;
    const cut = ranges.filter(([from]) => from < end).map(([from, to]): Range => [from, Math.min(to, end)]);
    const shown = before + marked(window.slice(0, end), cut) + (isWhole ? '' : '…');
    if (cut.length > 0 && Buffer.byteLength(shown) <= SNIPPET_OCTETS) return shown;
  }
  return null;
}

/** Behind the next blank, unless it is far. */
function wordStart(text: string, at: number): number {
  const blank = text.slice(at, at + BEFORE / 2).search(/\s/);
  if (blank >= 0) return at + blank + 1;
  // Not in the middle of a character.
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : at;
}
