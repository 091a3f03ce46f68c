/**
 * The Text form of a header field (RFC 8621 §4.1.2.2). Stricter than what mail
 * is elsewhere read by (codec/mime/encoded-word.ts): what stands in the wrong
 * place or names an unknown charset MUST NOT be decoded here.
 */
import { Buffer } from 'node:buffer';
import { decodeCharset, encodingOf } from '../../mime/charset.ts';
import { encodedWord } from '../../mime/encoded-word.ts';

const BLANKS = /([ \t\r\n]+)/;
const CONTROLS = /\p{Cc}/gu;

type Run = { charset: string; octets: Buffer[] };

/** @param value unfolded, encoded words as written */
export function headerText(value: string): string {
  if (!value.includes('=?')) return value.toWellFormed().normalize('NFC');
  const out: string[] = [];
  let run: Run | undefined;
  let blanks = '';
  const flush = (): void => {
    if (run !== undefined) out.push(decodeCharset(Buffer.concat(run.octets), run.charset).replace(CONTROLS, ''));
    run = undefined;
  };
  // Text and white space take turns. RFC 2047 §5: a word has white space, or an end of the text, on both sides.
  value.split(BLANKS).forEach((token, at) => {
    if (at % 2 === 1) {
      blanks = token;
      return;
    }
    const word = encodedWord(token);
    const isWord = word !== undefined && encodingOf(word.charset) !== undefined;
    // RFC 2047 §6.2: white space between two words is not shown.
    const isBetween = isWord && run !== undefined;
    if (!isBetween || run?.charset !== word?.charset) flush();
    if (!isBetween) out.push(blanks);
    blanks = '';
    if (!isWord) out.push(token);
    else if (run === undefined) run = { charset: word.charset, octets: [word.octets] };
    else run.octets.push(word.octets);
  });
  flush();
  return (out.join('') + blanks).toWellFormed().normalize('NFC');
}
