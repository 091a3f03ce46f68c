/** The subject without what replies and forwards put around it (RFC 5256 §2.1): what conversations are sorted and joined by. */

const BLOB = /^\[[^[\]]{0,200}\]\s*/;
/** `Re:`, `Fwd[2]:`. Not Antw, AW and the like: RFC 5256 §2.1 lets nobody add to the list, or programs would sort differently. */
const LEADER = /^(?:re|fwd?)\s*(?:\[[^[\]]{0,20}\])?\s*:\s*/i;
const TRAILER = /(?:\s*\(fwd\)|\s+)$/i;
const FORWARD = /^\[fwd:(.*)\]$/is;
/** Rounds of taking off; a subject with more of it was made to cost time. */
const ROUND_LIMIT = 50;

/** @param subject decoded; the answer keeps its case */
export function baseSubject(subject: string): string {
  let text = subject.replace(/\s+/g, ' ').trim();
  for (let round = 0; round < ROUND_LIMIT; round++) {
    const before = text;
    text = withoutBlob(text.replace(TRAILER, '').replace(LEADER, ''));
    text = FORWARD.exec(text)?.[1]?.trim() ?? text;
    if (text === before) break;
  }
  return text;
}

/** A `[list]` in front goes, unless nothing would be left. */
function withoutBlob(text: string): string {
  const rest = text.replace(BLOB, '');
  return rest === '' || FORWARD.test(text) ? text : rest;
}
