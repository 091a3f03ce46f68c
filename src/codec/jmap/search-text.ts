/** What a text filter looks for (RFC 8621 §4.4.1): words that must all be there, and phrases in quotes. */

/** Words and phrases of one filter; more are put together with the last. */
const TOKEN_LIMIT = 32;

/** A phrase in single or double quotes, its quotes closed, or a word. QUIRK: an apostrophe inside a word opens nothing: `zo'n`. */
const TOKEN = /"((?:[^"\\]|\\.)*)"(?=\s|$)|'((?:[^'\\]|\\.)*)'(?=\s|$)|(\S+)/gs;

export function searchTokens(text: string): readonly string[] {
  const tokens: string[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const phrase = match[1] ?? match[2];
    const token = phrase === undefined ? (match[3] ?? '') : phrase.replace(/\\(['"\\])/g, '$1');
    if (token.trim() === '') continue;
    if (tokens.length === TOKEN_LIMIT) return [...tokens.slice(0, -1), text.slice(match.index)];
    tokens.push(token);
  }
  return tokens;
}
