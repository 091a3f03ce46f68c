/**
 * Delivery reports (RFC 3464 in the multipart/report of RFC 6522; RFC 6533 for
 * international mail): words for people, fields for programs, and what was sent.
 * The words come from the caller, one text a language; this file knows the form.
 */
import { encodeWords, isPlainHeaderText } from '../mime/encoded-word.ts';
import { formatDate } from '../mime/date.ts';
import { headerBlock } from '../mime/headers.ts';
import { encodeBase64, encodeQuotedPrintable } from '../mime/transfer-encoding.ts';
import { isAscii } from '../net/idna.ts';
import { type DsnFacts, formatDsnFields } from './dsn-fields.ts';

export type DsnText = Readonly<{ language: string; text: string }>;

export type DsnReport = Readonly<{
  facts: DsnFacts;
  /** Header values: a mailbox with or without display name, the sender's address. */
  from: string;
  to: string;
  subject: string;
  /** With its angle brackets. */
  messageId: string;
  /** The message reported on, so that mail programs show the report beside it. */
  inReplyTo?: string;
  at: number;
  /** Random letters and digits. Lengthened here if the content holds it. */
  boundary: string;
  texts: readonly DsnText[];
  /** Further header fields, such as our reference. */
  fields?: readonly (readonly [name: string, value: string])[];
  original: Readonly<{ give: 'full' | 'headers'; message: Buffer }> | null;
  /** The way back takes UTF-8 in headers (SMTPUTF8). */
  mayUseUtf8: boolean;
}>;

/** `body` and `smtpUtf8` are what the report's own envelope must ask for; its sender is empty (RFC 3464 §2). */
export type BuiltDsn = Readonly<{ message: Buffer; body: '7bit' | '8bitmime'; smtpUtf8: boolean }>;

/** Octets of a message given back whole; of a longer one only the header returns, enough to know it by. */
export const FULL_RETURN_LIMIT = 1_048_576;
/** Octets of a header given back. */
export const HEADER_RETURN_LIMIT = 65_536;
/** Octets a text line may have unencoded (RFC 5322 §2.1.1 allows 998, readers like fewer). */
const LINE_LIMIT = 200;

type Part = Readonly<{ head: readonly string[]; body: Buffer }>;

export function buildDsn(report: DsnReport): BuiltDsn {
  const parts = [textPart(report.texts), statusPart(report), ...(report.original === null ? [] : [originalPart(report, report.original)])];
  const boundary = freeBoundary(report.boundary, parts);
  const head = Buffer.from(
    [...headerFields(report), `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"`, '', ''].join(
      '\r\n',
    ),
  );
  const pieces = parts.flatMap((part) => [
    Buffer.from(`--${boundary}\r\n${part.head.join('\r\n')}\r\n\r\n`),
    part.body,
    Buffer.from('\r\n'),
  ]);
  const message = Buffer.concat([head, ...pieces, Buffer.from(`--${boundary}--\r\n`)]);
  const hasUtf8Header = !isAscii(head.toString('latin1'));
  return {
    message,
    body: isSevenBit(message) ? '7bit' : '8bitmime',
    smtpUtf8: hasUtf8Header || parts.some((part) => part.head.some(isUtf8Part)),
  };
}

/** A part of RFC 6533 that was not put into 7 bits. */
const isUtf8Part = (line: string, _: number, head: readonly string[]): boolean =>
  line.startsWith('Content-Type: message/global') && head.includes('Content-Transfer-Encoding: 8bit');

const isSevenBit = (bytes: Buffer): boolean => isAscii(bytes.toString('latin1'));
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

function headerFields(report: DsnReport): string[] {
  const subject = oneLine(report.subject);
  const fields = [
    `Date: ${formatDate(report.at)}`,
    `From: ${oneLine(report.from)}`,
    `To: ${oneLine(report.to)}`,
    `Subject: ${isPlainHeaderText(subject) ? subject : encodeWords(subject).replaceAll('?= =?', '?=\r\n =?')}`,
    `Message-ID: ${oneLine(report.messageId)}`,
  ];
  if (report.inReplyTo !== undefined) fields.push(`In-Reply-To: ${oneLine(report.inReplyTo)}`, `References: ${oneLine(report.inReplyTo)}`);
  // RFC 3834 §5: programs must not answer this, and vacation replies do not.
  fields.push('Auto-Submitted: auto-replied');
  for (const [name, value] of report.fields ?? []) fields.push(`${name}: ${oneLine(value)}`);
  return [...fields, 'MIME-Version: 1.0'];
}

/** All languages in one part: programs that show only the first part show everything. */
function textPart(texts: readonly DsnText[]): Part {
  const text = texts.map((each) => each.text.trimEnd().replace(/\r\n?|\n/g, '\r\n')).join('\r\n\r\n----\r\n\r\n');
  const languages = `Content-Language: ${texts.map(({ language }) => oneLine(language)).join(', ')}`;
  const bytes = Buffer.from(`${text}\r\n`);
  const isPlain = isSevenBit(bytes) && text.split('\r\n').every((line) => line.length <= LINE_LIMIT);
  return {
    head: ['Content-Type: text/plain; charset=utf-8', languages, `Content-Transfer-Encoding: ${isPlain ? '7bit' : 'quoted-printable'}`],
    body: isPlain ? bytes : Buffer.from(encodeQuotedPrintable(bytes)),
  };
}

function statusPart({ facts, mayUseUtf8 }: DsnReport): Part {
  const body = Buffer.from(formatDsnFields(facts, mayUseUtf8));
  if (isSevenBit(body)) return { head: ['Content-Type: message/delivery-status'], body };
  return { head: ['Content-Type: message/global-delivery-status', 'Content-Transfer-Encoding: 8bit'], body };
}

function originalPart({ mayUseUtf8 }: DsnReport, { give, message }: { give: 'full' | 'headers'; message: Buffer }): Part {
  const header = headerBlock(message);
  const isUtf8 = !isSevenBit(header);
  if (give === 'headers' || message.length > FULL_RETURN_LIMIT || !isTransportable(message))
    return headersPart(header, { isUtf8, mayUseUtf8 });
  if (!isUtf8)
    return { head: ['Content-Type: message/rfc822', ...(isSevenBit(message) ? [] : ['Content-Transfer-Encoding: 8bit'])], body: message };
  if (mayUseUtf8) return { head: ['Content-Type: message/global', 'Content-Transfer-Encoding: 8bit'], body: message };
  return { head: ['Content-Type: message/global', 'Content-Transfer-Encoding: base64'], body: Buffer.from(encodeBase64(message)) };
}

function headersPart(header: Buffer, { isUtf8, mayUseUtf8 }: { isUtf8: boolean; mayUseUtf8: boolean }): Part {
  const cut = header.length > HEADER_RETURN_LIMIT ? header.subarray(0, header.lastIndexOf('\n', HEADER_RETURN_LIMIT) + 1) : header;
  // Bare line ends become CRLF, NUL a space: a header may be returned that was no honest one.
  const body = Buffer.from(
    cut
      .toString('latin1')
      .replace(/\r\n|\r|\n/g, '\r\n')
      .replaceAll('\0', ' '),
    'latin1',
  );
  if (!isUtf8) return { head: ['Content-Type: text/rfc822-headers'], body };
  if (mayUseUtf8) return { head: ['Content-Type: message/global-headers', 'Content-Transfer-Encoding: 8bit'], body };
  return { head: ['Content-Type: message/global-headers', 'Content-Transfer-Encoding: base64'], body: Buffer.from(encodeBase64(body)) };
}

/** Binary messages (RFC 3030) hold what an ordinary way back cannot carry. */
const isTransportable = (message: Buffer): boolean => !/\r(?!\n)|(?<!\r)\n|\0/.test(message.toString('latin1'));

function freeBoundary(wanted: string, parts: readonly Part[]): string {
  let boundary = wanted.replace(/[^A-Za-z0-9]/g, '').slice(0, 50) || 'report';
  // RFC 2046 §5.1.1: 70 characters at most; each letter added makes a clash 60 times less likely.
  while (boundary.length < 70 && parts.some((part) => part.body.includes(`--${boundary}`))) boundary += 'x';
  return boundary;
}
