/** Text as the content of a part: CRLF, short lines, seven bits, in the encoding that changes least. */
import { Buffer, isAscii } from 'node:buffer';
import { encodeBase64, encodeQuotedPrintable } from './transfer-encoding.ts';

export type EncodedText = Readonly<{ encoding: '7bit' | 'quoted-printable' | 'base64'; octets: Buffer }>;

/** Beyond this a text is no longer kind to old programs, and is sent encoded. */
const LINE_GOAL = 78;
/** Octets of a text that nobody will read in its source: it is not tried in quoted-printable, which takes longer to make. */
const QUOTED_LIMIT = 256 * 1024;

/** @param endsLine a last line without its end gets one */
export function encodeText(text: string, { endsLine }: Readonly<{ endsLine: boolean }>): EncodedText {
  const lines = text.toWellFormed().split(/\r\n|\r|\n/);
  if (endsLine && lines.at(-1) !== '') lines.push('');
  const octets = Buffer.from(lines.join('\r\n'), 'utf8');
  const isPlain = isAscii(octets) && !octets.includes(0) && lines.every((line) => line.length <= LINE_GOAL);
  if (isPlain) return { encoding: '7bit', octets };
  const encoded = encodeBase64(octets);
  const quoted = octets.length > QUOTED_LIMIT ? undefined : encodeQuotedPrintable(octets);
  const isQuoted = quoted !== undefined && quoted.length <= encoded.length;
  return { encoding: isQuoted ? 'quoted-printable' : 'base64', octets: Buffer.from(isQuoted ? quoted : encoded, 'latin1') };
}
