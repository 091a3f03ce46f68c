/**
 * A search word as the domain names in it may be written: who looks for
 * `u@bücher.test` means `u@xn--bcher-kva.test` too, and the other way round.
 * On the wire there are A-labels, in headers and in SMTPUTF8 mail U-labels.
 */
import { labelToAscii, labelToUnicode } from '../../codec/net/idna.ts';

/** What may be a label: letters, marks, digits, hyphens, and what a few scripts put between them (RFC 5892 §2.6, appendix A). */
const LABEL = /(?:[\p{L}\p{M}\p{N}\-\u00b7\u0375\u05f3\u05f4\u30fb]|\u200c|\u200d)+/gu;
/** The full stop's ideographic, full-width and half-width sisters (RFC 5895 §2). */
const OTHER_DOTS = /[\u3002\uff0e\uff61]/gu;

/** The word itself first; then with A-labels and with U-labels, where that makes a difference. At most three. */
export function spellings(text: string): readonly string[] {
  const ascii = text.replace(/\S+/g, (word) => inDomain(word, word === text, aLabel).replace(OTHER_DOTS, '.'));
  const unicode = ascii.replace(/\S+/g, (word) => inDomain(word, true, labelToUnicode));
  return [...new Set([text, ascii, unicode])];
}

/** What stands before the @ is the other side's own. Without one, and without a dot, a word among others is no domain. */
function inDomain(word: string, alone: boolean, change: (label: string) => string): string {
  const at = word.lastIndexOf('@') + 1;
  const domain = word.slice(at);
  if (at === 0 && !alone && !/[.\u3002\uff0e\uff61]/u.test(domain)) return word;
  return word.slice(0, at) + domain.replace(LABEL, change);
}

/** What cannot be a label stays as it is: people search for anything. */
function aLabel(label: string): string {
  const ascii = labelToAscii(label);
  return ascii.ok ? ascii.value : label;
}
