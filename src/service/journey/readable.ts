/**
 * Domain names in a text as people read them: `u@xn--bcher-kva.test` is told as
 * `u@bücher.test`. For words only; facts and verbatim lines keep what was on the wire.
 */
import { labelToUnicode } from '../../codec/net/idna.ts';

/** An A-label (RFC 5890 §2.3.2.1), wherever it stands in a word. */
const A_LABEL = /(?<![a-z0-9-])xn--[a-z0-9-]+/gi;

/**
 * SECURITY: a name that mixes scripts looks like another one (`pаypal` with a
 * Cyrillic а) and stays an A-label. These mixtures are how a language is
 * written: UTS 39 §5.2, "highly restrictive".
 */
const ONE_SCRIPT: readonly RegExp[] = [
  /^[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Bopomofo}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Hangul}\p{Script=Common}\p{Script=Inherited}]+$/u,
];
const LATIN = /\p{Script=Latin}/u;
/** Scripts whose letters pass for Latin ones: beside any Latin letter, or all of them look-alikes, they deceive. */
const ALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;
const ALL_ALIKE = /^[авсԁеһіјӏмոоорԛѕтսѵѡхуүʼοναρυιτκ0-9-]+$/u;
const SCRIPTS: readonly RegExp[] = ['Cyrillic', 'Greek', 'Armenian', 'Cherokee'].map((name) => new RegExp(`\\p{Script=${name}}`, 'u'));

function isSafe(label: string): boolean {
  if (ONE_SCRIPT.some((pattern) => pattern.test(label))) return true;
  if (!ALIKE.test(label)) return !LATIN.test(label);
  return !LATIN.test(label) && !ALL_ALIKE.test(label) && SCRIPTS.filter((pattern) => pattern.test(label)).length === 1;
}

function label(ascii: string): string {
  const unicode = labelToUnicode(ascii);
  return isSafe(unicode) ? unicode : ascii;
}

/** What stands before the @ is the other side's own and stays as it is. */
function word(text: string): string {
  const at = text.lastIndexOf('@') + 1;
  return text.slice(0, at) + text.slice(at).replace(A_LABEL, label);
}

/** The same text with the domain names in it readable. */
export function readable(text: string): string {
  return text.toLowerCase().includes('xn--') ? text.replace(/\S+/g, word) : text;
}
