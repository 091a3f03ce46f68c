/** Keywords as JMAP knows them: system flags are keywords too, all in lower case (RFC 8621 §4.1.1). */
import { FLAG } from '../../core/mailbox.ts';
import { refuse, type Refusal } from '../../core/refusal.ts';
import { whyNotKeywords } from './keywords.ts';

export const SYSTEM_KEYWORDS: ReadonlyMap<string, number> = new Map([
  ['$seen', FLAG.seen],
  ['$answered', FLAG.answered],
  ['$flagged', FLAG.flagged],
  ['$draft', FLAG.draft],
]);

/** RFC 8621 §10.4.5: reserved, so that nobody takes it for \Recent. \Deleted has no keyword either: it hides a message. */
const RESERVED = '$recent';

/** Whether a word that IMAP keeps beside the flags is shown in JMAP. QUIRK: some IMAP clients store `$seen` as a word, which says nothing. */
export const isShownWord = (keyword: string): boolean => !SYSTEM_KEYWORDS.has(keyword) && keyword !== RESERVED;

/** JMAP keywords as flags and the words beside them. */
export type KeywordParts = Readonly<{ flags: number; words: readonly string[] }>;

export function keywordParts(keywords: Iterable<string>): KeywordParts | Refusal {
  let flags = 0;
  const words = new Set<string>();
  for (const given of keywords) {
    const keyword = given.toLowerCase();
    const flag = SYSTEM_KEYWORDS.get(keyword);
    if (flag !== undefined) flags |= flag;
    else if (keyword === RESERVED) return refuse('badValue', { keyword });
    else words.add(keyword);
  }
  return whyNotKeywords([...words]) ?? { flags, words: [...words] };
}
