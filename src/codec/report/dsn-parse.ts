/** Reads delivery reports others (or we) have written: RFC 3464 and RFC 6533, found by their parts, not by their words. */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';
import { headerBlock, headerValue } from '../mime/headers.ts';
import { type ContentType, parseContentType, PLAIN_TEXT } from '../mime/parameters.ts';
import { decodeTransfer } from '../mime/transfer-encoding.ts';
import { type DsnFacts, parseDsnFields } from './dsn-fields.ts';

export type ParsedDsn = Readonly<{
  facts: DsnFacts;
  /** The words for people, as bytes decoded to UTF-8. */
  text: string;
  original: Readonly<{ give: 'full' | 'headers'; message: Buffer }> | null;
}>;

/** Three are the rule (RFC 6522 §3); a few servers add more. */
const PART_LIMIT = 10;
/** Octets of a report that are read at all: a returned message may be large, more than this none is. */
const REPORT_LIMIT = 67_108_864;
/** Octets of the machine part: a thousand recipients with long diagnostics. */
const FIELDS_LIMIT = 1_048_576;

type Section = Readonly<{ type: ContentType; body: Buffer }>;

export function parseDsn(message: Buffer): Parsed<ParsedDsn> {
  if (message.length > REPORT_LIMIT) return unparsed(REPORT_LIMIT, 'too long for a report');
  const header = headerBlock(message);
  const type = parseContentType(headerValue(header, 'content-type') ?? '');
  const boundary = type?.parameters['boundary'];
  if (type?.type !== 'multipart' || type.subtype !== 'report' || boundary === undefined) return unparsed(0, 'not a multipart/report');
  const sections = bodiesOf(message.subarray(header.length), boundary).map(sectionOf);
  const fields = sections.find(({ type }) => isMessage(type, 'delivery-status', 'global-delivery-status'));
  if (fields === undefined || fields.body.length > FIELDS_LIMIT) return unparsed(header.length, 'no delivery-status part');
  const facts = parseDsnFields(fields.body.toString('utf8'));
  if (facts === undefined) return unparsed(header.length, 'the delivery-status part tells of no recipient');
  const text = sections.find(({ type }) => type.type === 'text' && type.subtype === 'plain');
  return parsed({ facts, text: text?.body.toString('utf8') ?? '', original: originalOf(sections) });
}

const isMessage = (type: ContentType, ...subtypes: readonly string[]): boolean =>
  type.type === 'message' && subtypes.includes(type.subtype);

function originalOf(sections: readonly Section[]): ParsedDsn['original'] {
  for (const { type, body } of sections) {
    if (isMessage(type, 'rfc822', 'global')) return { give: 'full', message: body };
    if (isMessage(type, 'global-headers') || (type.type === 'text' && type.subtype === 'rfc822-headers'))
      return { give: 'headers', message: body };
  }
  return null;
}

function sectionOf(part: Buffer): Section {
  const header = headerBlock(part);
  const encoding = headerValue(header, 'content-transfer-encoding')?.toLowerCase() ?? '7bit';
  const type = parseContentType(headerValue(header, 'content-type') ?? '') ?? PLAIN_TEXT;
  return { type, body: decodeTransfer(part.subarray(header.length), encoding) };
}

/** What stands between delimiter lines (RFC 2046 §5.1.1), without the line end that belongs to the delimiter. */
function bodiesOf(body: Buffer, boundary: string): Buffer[] {
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: Buffer[] = [];
  let start = -1;
  for (let at = body.indexOf(delimiter); at >= 0 && parts.length < PART_LIMIT; at = body.indexOf(delimiter, at + delimiter.length)) {
    if (at > 0 && body[at - 1] !== 0x0a) continue;
    if (start >= 0) parts.push(body.subarray(start, at - (body[at - 2] === 0x0d ? 2 : 1)));
    const lineEnd = body.indexOf(0x0a, at);
    const isLast = body.toString('latin1', at + delimiter.length, at + delimiter.length + 2) === '--';
    if (isLast || lineEnd < 0) return parts;
    start = lineEnd + 1;
  }
  // QUIRK: reports cut off on their way lack the last delimiter.
  if (start >= 0 && parts.length < PART_LIMIT) parts.push(body.subarray(start));
  return parts;
}
