/**
 * Whether an address field can be read in one way only. Mail programs disagree
 * about source routes, brackets inside brackets and quotes or comments left
 * open, and show different people; for mail of our own senders that is refused.
 */
import { COMMENT_DEPTH_LIMIT } from './limits.ts';

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;
/** No end was found. */
const MISSING = -1;
/** None of these stands in angle brackets outside quotes (RFC 5322 §3.4.1). */
const NOT_IN_BRACKETS = '<(),:;\\';
/** What a backslash before it might hide from one reader and not from another. QUIRK: `CORP\\scanner <…>` is let through. */
const SPECIALS = '()<>[]:;@\\,"';

/** `text` is the value of a field, still folded or not. */
export function hasOneReading(text: string): boolean {
  let isInBrackets = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (isStray(text, at) || (character === '\\' && SPECIALS.includes(text[at + 1] ?? ''))) return false;
    if (isInBrackets && NOT_IN_BRACKETS.includes(character)) return false;
    if (!isInBrackets && character === '>') return false;
    if (character === '<') isInBrackets = true;
    else if (character === '>') isInBrackets = false;
    else if (character === '"') at = endOfQuoted(text, at);
    else if (character === '(') at = endOfComment(text, at);
    if (at === MISSING) return false;
  }
  return !isInBrackets;
}

/** A control character that is no part of folding. */
function isStray(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === DELETE) return true;
  if (code >= SPACE || code === TAB) return false;
  return !(code === 0x0d && text.charCodeAt(at + 1) === 0x0a) && !(code === 0x0a && text.charCodeAt(at - 1) === 0x0d);
}

/** The offset of the quote that closes. */
function endOfQuoted(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
    else if (isStray(text, at)) return MISSING;
  }
  return MISSING;
}

function endOfComment(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (isStray(text, at)) return MISSING;
    else if (character === '(' && ++depth > COMMENT_DEPTH_LIMIT) return MISSING;
    else if (character === ')' && --depth === 0) return at;
  }
  return MISSING;
}
