/** Flags between the wire's words and the house's bits. */
import { ALL_FLAGS, FLAG } from '../../core/mailbox.ts';

const BITS: ReadonlyMap<string, number> = new Map([
  ['\\Answered', FLAG.answered],
  ['\\Flagged', FLAG.flagged],
  ['\\Deleted', FLAG.deleted],
  ['\\Seen', FLAG.seen],
  ['\\Draft', FLAG.draft],
]);

/** The words for each combination of bits, made once: FETCH FLAGS of a large mailbox is mostly this look-up. */
const WORDS: readonly string[] = Array.from({ length: ALL_FLAGS + 1 }, (_, bits) =>
  [...BITS].flatMap(([word, bit]) => ((bits & bit) === 0 ? [] : [word])).join(' '),
);

/** Keywords mail apps give meaning to (RFC 9051 §2.3.2), told in FLAGS even before anyone has used them. */
const WELL_KNOWN: readonly string[] = ['$Forwarded', '$MDNSent', '$Junk', '$NotJunk', '$Phishing'];

export type Flags = Readonly<{ flags: number; keywords: readonly string[] }>;

/** `\Recent`, which nobody can set, is passed over. */
export function flagsOf(words: readonly string[]): Flags {
  let flags = 0;
  const keywords: string[] = [];
  for (const word of words) {
    if (word.startsWith('\\')) flags |= BITS.get(word) ?? 0;
    else keywords.push(word);
  }
  return { flags, keywords };
}

/** The bit of a system flag; 0 for `\Recent`, which no message has. */
export const bitOf = (word: string): number => BITS.get(word) ?? 0;

/** The inside of FLAGS `(…)`. */
export function flagWords(flags: number, keywords: readonly string[]): string {
  const words = WORDS[flags] ?? '';
  if (keywords.length === 0) return words;
  return words === '' ? keywords.join(' ') : `${words} ${keywords.join(' ')}`;
}

/** All flags a mailbox knows. */
export function knownFlags(keywordsInUse: readonly string[]): string {
  const known = new Map([...WELL_KNOWN, ...keywordsInUse].map((keyword) => [keyword.toLowerCase(), keyword]));
  return `${WORDS[ALL_FLAGS] ?? ''} ${[...known.values()].join(' ')}`;
}
