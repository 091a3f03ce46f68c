/**
 * Internationalised domain labels: Punycode (RFC 3492) and the mapping between
 * what people type and the A-labels DNS knows (RFC 5891, RFC 5892; mapping as in
 * RFC 5895: lower case, NFKC). ß and ς keep their own labels, as IDNA2008 wants.
 */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const FIRST_BIAS = 72;
const FIRST_CODE = 0x80;
const LAST_CODE = 0x10ffff;
const ACE_PREFIX = 'xn--';
/** Characters a label may have before or after conversion: 63 octets of A-label never hold more (RFC 1035 §2.3.4). */
export const LABEL_LIMIT = 63;

/** RFC 3492 §6.1: the bias follows the size of the deltas seen. */
function adaptedBias(delta: number, points: number, isFirst: boolean): number {
  let rest = isFirst ? Math.floor(delta / DAMP) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}

const threshold = (k: number, bias: number): number => Math.min(T_MAX, Math.max(T_MIN, k - bias));
const digit = (value: number): string => String.fromCharCode(value < 26 ? 0x61 + value : 0x30 + value - 26);

function digitValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 26;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? lower - 0x61 : BASE;
}

/** Punycode without the "xn--". */
export function encodePunycode(text: string): string {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const basic = points.filter((point) => point < FIRST_CODE);
  let output = String.fromCodePoint(...basic) + (basic.length > 0 ? '-' : '');
  let [code, delta, bias, handled] = [FIRST_CODE, 0, FIRST_BIAS, basic.length];
  while (handled < points.length) {
    const next = points.reduce((least, point) => (point >= code && point < least ? point : least), LAST_CODE);
    delta += (next - code) * (handled + 1);
    code = next;
    for (const point of points) {
      if (point < code) delta++;
      if (point !== code) continue;
      output += variableInteger(delta, bias);
      bias = adaptedBias(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    code++;
  }
  return output;
}

function variableInteger(value: number, bias: number): string {
  let output = '';
  let rest = value;
  for (let k = BASE; ; k += BASE) {
    const t = threshold(k, bias);
    if (rest < t) return output + digit(rest);
    output += digit(t + ((rest - t) % (BASE - t)));
    rest = Math.floor((rest - t) / (BASE - t));
  }
}

export function decodePunycode(text: string): Parsed<string> {
  if (text.length > LABEL_LIMIT) return unparsed(LABEL_LIMIT, 'too long for a label');
  const hyphen = text.lastIndexOf('-');
  const points = Array.from(text.slice(0, Math.max(0, hyphen)), (character) => character.charCodeAt(0));
  if (points.some((point) => point >= FIRST_CODE)) return unparsed(0, 'not ASCII');
  let [code, index, bias, at] = [FIRST_CODE, 0, FIRST_BIAS, hyphen > 0 ? hyphen + 1 : 0];
  while (at < text.length) {
    const before = index;
    for (let k = BASE, weight = 1; ; k += BASE) {
      const value = at < text.length ? digitValue(text.charCodeAt(at)) : BASE;
      if (value >= BASE) return unparsed(at, 'not a Punycode digit');
      at++;
      index += value * weight;
      const t = threshold(k, bias);
      if (value < t) break;
      weight *= BASE - t;
      if (index > Number.MAX_SAFE_INTEGER || weight > Number.MAX_SAFE_INTEGER) return unparsed(at, 'a Punycode number is too big');
    }
    const length = points.length + 1;
    bias = adaptedBias(index - before, length, before === 0);
    code += Math.floor(index / length);
    index %= length;
    if (code > LAST_CODE || (code >= 0xd800 && code <= 0xdfff)) return unparsed(at, 'not a character');
    points.splice(index++, 0, code);
  }
  return parsed(String.fromCodePoint(...points));
}

/** What a typed label means: compatibility forms and capitals folded. Per character, so that a final Σ becomes σ wherever it stands. */
export function mapLabel(label: string): string {
  const folded = Array.from(label.normalize('NFKC'), (character) => character.toLowerCase()).join('');
  // Soft hyphens, word joiners and variation selectors are invisible; people paste them without knowing (RFC 5892: DISALLOWED, mapped away here).
  return folded.replace(/\u00ad|\u200b|\u2060|[\u{fe00}-\u{fe0f}]/gu, '').normalize('NFKC');
}

/** RFC 5892 §2.1: letters, marks and decimal digits, plus its exceptions (§2.6) and what its contextual rules admit. */
const PERMITTED = /^[\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}\-\u00b7\u0375\u05f3\u05f4\u06fd\u06fe\u0f0b\u3007\u30fb\u200c\u200d]+$/u;
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const STARTS_RIGHT_TO_LEFT = /^[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** The viramas of the Indic scripts: only behind one of them may an invisible joiner stand (RFC 5892 appendix A.1, A.2). */
const JOINER_WITHOUT_VIRAMA = /(?<![\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2])\u200d/u;
const NONJOINER_OUT_OF_PLACE = /(?<![\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2\p{Script=Arabic}])\u200c/u;

/** Why a mapped, non-ASCII label may not be a U-label, or undefined. */
function whyNotLabel(label: string): string | undefined {
  if (!PERMITTED.test(label)) return 'a character no domain name may hold';
  if (/^\p{M}/u.test(label)) return 'a label may not begin with a combining mark';
  if (label.startsWith('-') || label.endsWith('-') || label.slice(2, 4) === '--') return 'a hyphen stands where none may';
  if (JOINER_WITHOUT_VIRAMA.test(label) || NONJOINER_OUT_OF_PLACE.test(label)) return 'an invisible joiner stands where none may';
  if (label.includes('\u00b7') && /(?<!l)\u00b7|\u00b7(?!l)/u.test(label)) return 'a middle dot stands only between two l';
  // RFC 5893 §2, the rules that matter: SECURITY: a label of mixed direction is read in another order than it is written.
  if (RIGHT_TO_LEFT.test(label) && (!STARTS_RIGHT_TO_LEFT.test(label) || /[a-z\p{Script=Latin}]/u.test(label)))
    return 'writing directions are mixed';
  return undefined;
}

/** A label as typed or as received, to its A-label. ASCII labels are only lowered; the caller checks their letters. */
export function labelToAscii(label: string): Parsed<string> {
  if (label.length > LABEL_LIMIT) return unparsed(LABEL_LIMIT, 'a label has 63 characters at most');
  const mapped = isAscii(label) ? label.toLowerCase() : mapLabel(label);
  if (isAscii(mapped)) return mapped.startsWith(ACE_PREFIX) ? checkedALabel(mapped) : parsed(mapped);
  const why = whyNotLabel(mapped);
  if (why !== undefined) return unparsed(0, why);
  const ascii = ACE_PREFIX + encodePunycode(mapped);
  return ascii.length > LABEL_LIMIT ? unparsed(LABEL_LIMIT, 'a label has 63 characters at most') : parsed(ascii);
}

/** SECURITY: an A-label that decodes to something we would not have encoded so is a second name for somebody else. */
function checkedALabel(label: string): Parsed<string> {
  const decoded = decodePunycode(label.slice(ACE_PREFIX.length));
  if (!decoded.ok) return unparsed(ACE_PREFIX.length + decoded.at, decoded.why);
  const { value } = decoded;
  const isSound = !isAscii(value) && mapLabel(value) === value && whyNotLabel(value) === undefined;
  return isSound && ACE_PREFIX + encodePunycode(value) === label ? parsed(label) : unparsed(ACE_PREFIX.length, 'not a sound A-label');
}

/** An A-label as people read it; anything else, and A-labels that are not sound, as they are. */
export function labelToUnicode(label: string): string {
  const lower = label.toLowerCase();
  if (!lower.startsWith(ACE_PREFIX) || !checkedALabel(lower).ok) return label;
  const decoded = decodePunycode(lower.slice(ACE_PREFIX.length));
  return decoded.ok ? decoded.value : label;
}

export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
