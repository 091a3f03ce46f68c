/** Case folding for protocol words: ASCII alone, so that no locale and no Unicode surprise has a say. */

/** The octets from `from` to `to` as text, a to z raised. */
export const asciiUpper = (bytes: Buffer, from: number, to: number): string => bytes.toString('latin1', from, to).replace(/[a-z]+/g, raise);

/** The text with A to Z lowered and nothing else touched. */
export function asciiLower(text: string): string {
  const lowered = text.toLowerCase();
  return lowered === text || isPlain.test(text) ? lowered : text.replace(/[A-Z]+/g, lower);
}

const isPlain = /^[\0-\x7f]*$/;

const raise = (letters: string): string => letters.toUpperCase();
const lower = (letters: string): string => letters.toLowerCase();
