/**
 * LIST patterns (RFC 9051 §6.3.9): `*` matches anything, `%` anything but the separator.
 * SECURITY: matched by stepping all possibilities at once, one octet of the name at a time,
 * so `*a*a*a*b` costs pattern × name and never more.
 */
import { canonical, SEPARATOR } from './mailbox-name.ts';

export type ListPattern = Readonly<{ text: string }>;

/** Longer patterns match nothing we would store; RFC 9051 §6.3.9 lets a server pass over a pattern in silence. */
const PATTERN_LIMIT = 1100;

/** The reference and the pattern, joined into one canonical pattern; wildcards side by side become one. */
export function makePattern(reference: string, pattern: string): ListPattern {
  const joined = `${reference}${pattern}`.replace(/[*%]{2,}/g, (run) => (run.includes('*') ? '*' : '%'));
  return { text: canonical(joined) };
}

export const hasWildcard = (pattern: ListPattern): boolean => /[*%]/.test(pattern.text);

export function matches(pattern: ListPattern, name: string): boolean {
  const { text } = pattern;
  if (text.length > PATTERN_LIMIT) return false;
  if (text === '*' || text === name) return true;
  return step(text, name);
}

/** Runs the pattern over the name; `live[i]` says that the name so far can be what stands before pattern place i. */
function step(text: string, name: string): boolean {
  let live = new Uint8Array(text.length + 1);
  live[0] = 1;
  for (let at = 0; at < name.length; at++) {
    const char = name[at];
    const next = new Uint8Array(text.length + 1);
    let isAlive = false;
    for (let place = 0; place < text.length; place++) {
      if (live[place] !== 1) continue;
      const wanted = text[place];
      if (wanted === '*' || wanted === '%') {
        live[place + 1] = 1;
        if (wanted === '%' && char === SEPARATOR) continue;
        next[place] = 1;
      } else if (wanted === char) next[place + 1] = 1;
      else continue;
      isAlive = true;
    }
    if (!isAlive) return false;
    live = next;
  }
  return endsLive(text, live);
}

/** Wildcards left over may match nothing at all. */
function endsLive(text: string, live: Uint8Array): boolean {
  for (let place = text.length; place >= 0; place--) {
    if (live[place] === 1) return true;
    const before = text[place - 1];
    if (before !== '*' && before !== '%') return false;
  }
  return false;
}
