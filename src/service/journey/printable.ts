/**
 * Text of strangers made safe to print. SECURITY: a server may answer with
 * terminal commands, or with marks that turn the direction of reading around.
 */

/** Characters of one line that are printed: ten times RFC 5322's 78. */
const LINE_LIMIT = 780;

function isHarmless(code: number): boolean {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  // Bidirectional overrides and isolates, line and paragraph separators, byte order marks
  if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) return false;
  return code !== 0x2028 && code !== 0x2029 && code !== 0xfeff && code !== 0x200e && code !== 0x200f;
}

/** One line of text: what is no character to be seen becomes a dot. */
export function printable(text: string): string {
  const cut = text.length > LINE_LIMIT ? `${text.slice(0, LINE_LIMIT)}…` : text;
  let safe = '';
  for (const character of cut) safe += isHarmless(character.codePointAt(0) ?? 0) ? character : '·';
  return safe;
}
