/**
 * SASLprep (RFC 4013): the one form in which user names and passwords are
 * compared, so that the same letters typed on two keyboards are the same
 * secret. Plain ASCII passes untouched.
 *
 * QUIRK: stringprep is pinned to Unicode 3.2; we take the Unicode of the
 * runtime, as RFC 8265 (its successor) does, so that letters and emoji of
 * today may be used. Code points without a meaning are refused.
 */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';

/** RFC 3454 table C.1.2: becomes a space. */
const SPACES = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
/** Table B.1: becomes nothing. U+200B is in both tables; service/accounts keeps passwords without it. */
const NOTHING = /\u{ad}|\u{34f}|\u{1806}|[\u{180b}-\u{180d}]|[\u{200b}-\u{200d}]|\u{2060}|[\u{fe00}-\u{fe0f}]|\u{feff}/gu;
/**
 * What may not remain, by table: C.2.1 and C.2.2 control, C.3 private use, C.4 no characters, C.5 surrogates,
 * C.6 not for plain text, C.7 for describing ideographs, C.8 changing display (but U+0340 and U+0341, which NFKC has replaced), C.9 tags; and the unassigned.
 */
const PROHIBITED =
  /[\p{Cc}\p{Co}\p{Cn}\p{Cs}\u06dd\u070f\u180e\u2028\u2029\u2061-\u2063\u206a-\u206f\ufff9-\ufffd\u2ff0-\u2ffb\u200e\u200f\u202a-\u202e\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/u;
/** Table D.1, by script: what is written from right to left. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}]/u;
/** Table D.2, near enough: letters written from left to right. */
const LETTER = /\p{L}/gu;

const PLAIN = /^[ -~]*$/;

/** The prepared text; empty when it was nothing but what becomes nothing, which callers refuse. */
export function saslPrep(text: string): Parsed<string> {
  if (PLAIN.test(text)) return parsed(text);
  const prepared = text.replaceAll(SPACES, ' ').replaceAll(NOTHING, '').normalize('NFKC');
  const bad = PROHIBITED.exec(prepared);
  if (bad !== null) return unparsed(bad.index, 'a character no name or password may hold');
  return isBidiSafe(prepared) ? parsed(prepared) : unparsed(0, 'left-to-right and right-to-left writing are mixed');
}

/** RFC 3454 §6: a right-to-left string begins and ends so, and holds no left-to-right letter. */
function isBidiSafe(text: string): boolean {
  if (!RIGHT_TO_LEFT.test(text)) return true;
  const characters = Array.from(text);
  const edges = [characters[0] ?? '', characters.at(-1) ?? ''];
  const isMixed = (text.match(LETTER) ?? []).some((letter) => !RIGHT_TO_LEFT.test(letter));
  return !isMixed && edges.every((edge) => RIGHT_TO_LEFT.test(edge));
}
