/**
 * Keywords (RFC 9051 §2.3.2): words beside the system flags. They have no
 * case; the spelling first used in a mailbox is kept there, because mail apps
 * show it.
 */
import { refuse, type Refusal } from '../../core/refusal.ts';
import { KEYWORD_OCTETS, KEYWORDS_PER_MAILBOX, KEYWORDS_PER_MESSAGE } from './limits.ts';

/** An atom of RFC 9051 that is no system flag, and what RFC 8621 §4.1.1 leaves out besides. */
const KEYWORD = /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/;

export const NO_KEYWORDS: readonly string[] = [];

/** Case has no meaning in ASCII words only: no locale, no Unicode. */
export const sameKeyword = (one: string, other: string): boolean =>
  one.length === other.length && one.toLowerCase() === other.toLowerCase();

/** Undefined when they may all be set on one message. */
export function whyNotKeywords(keywords: readonly string[]): Refusal | undefined {
  if (keywords.length > KEYWORDS_PER_MESSAGE) return refuse('tooManyKeywords', { given: String(keywords.length) });
  const bad = keywords.find((keyword) => keyword.length > KEYWORD_OCTETS || !KEYWORD.test(keyword));
  return bad === undefined ? undefined : refuse('tooManyKeywords', { keyword: bad.slice(0, KEYWORD_OCTETS) });
}

/** Each once, spelt as the mailbox spells it already. */
export function speltAs(inUse: readonly string[], keywords: readonly string[]): readonly string[] {
  if (keywords.length === 0) return NO_KEYWORDS;
  const spelt: string[] = [];
  for (const keyword of keywords) {
    if (!spelt.some((known) => sameKeyword(known, keyword))) spelt.push(inUse.find((known) => sameKeyword(known, keyword)) ?? keyword);
  }
  return spelt;
}

/** Every spelling in use of the given keywords: taking one off takes all of them off. */
export function allSpellings(inUse: readonly string[], keywords: readonly string[]): readonly string[] {
  return keywords.length === 0 ? NO_KEYWORDS : inUse.filter((known) => keywords.some((keyword) => sameKeyword(known, keyword)));
}

/** Undefined when the mailbox can take them. */
export function whyNotMoreKeywords(inUse: readonly string[], spelt: readonly string[]): Refusal | undefined {
  const fresh = spelt.filter((keyword) => !inUse.includes(keyword)).length;
  return fresh > 0 && inUse.length + fresh > KEYWORDS_PER_MAILBOX ? refuse('tooManyKeywords', { inUse: String(inUse.length) }) : undefined;
}
