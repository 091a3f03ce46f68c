/** From an email that was read to the octets of its message: all but those of blobs, which are fetched when their turn comes. */
import { Buffer } from 'node:buffer';
import { base64Length } from '../../mime/base64-lines.ts';
import { formatDate } from '../../mime/date.ts';
import { encodeText } from '../../mime/encode-text.ts';
import { writeField, writeParameter } from '../../mime/header-writing.ts';
import { HEADER_LIMIT, PART_HEADER_LIMIT } from '../../mime/limits.ts';
import type { LineFacts } from '../../mime/line-survey.ts';
import type { Parameters } from '../../mime/structure.ts';
import { SetFault } from '../error.ts';
import type { NewEmail } from './email-create.ts';
import type { Field } from './header-creation.ts';
import type { NewPart } from './part-creation.ts';

/** How a blob's octets are put: in base64, with CRLF for every line feed, or as they are. */
export type BlobForm = 'base64' | 'crlf' | 'as-is';
export type Piece = Uint8Array | Readonly<{ blobId: string; form: BlobForm }>;

/** `lines` only where `needsSurvey` asked for them. */
export type BlobFacts = Readonly<{ size: number; lines?: LineFacts }>;

export type EmailStamp = Readonly<{
  /** Milliseconds since 1970. */
  now: number;
  /** Letters and digits nobody can foretell: 16 to 60. SECURITY: of it the boundaries are made, so no content can hold one. */
  unique: string;
  /** Right of the `@` in a Message-ID. */
  domain: string;
}>;

/** `size` in octets, exact. */
export type WrittenEmail = Readonly<{ pieces: readonly Piece[]; size: number }>;

const UNIQUE = /^[A-Za-z0-9]{16,60}$/;
/** RFC 5322 §2.1.1: octets in a line that any relay passes. */
const LINE_LIMIT = 998;
/** Octets of a text blob that are looked at to send it readable; a longer one is base64. */
const SURVEY_LIMIT = 1024 * 1024;
/** The order people expect; others follow as they were given. */
const ORDER = 'date from sender reply-to to cc bcc subject message-id in-reply-to references'.split(' ');

/** The blobs of an email, each once, with the types they are sent as. */
export function blobsOf(part: NewPart, found = new Map<string, Set<string>>()): ReadonlyMap<string, ReadonlySet<string>> {
  const { content } = part;
  if (content.kind === 'multipart') for (const one of content.parts) blobsOf(one, found);
  if (content.kind !== 'blob') return found;
  const types = found.get(content.blobId) ?? new Set();
  found.set(content.blobId, types.add(part.type));
  return found;
}

/** Messages may not be encoded (RFC 2046 §5.2.1), and text is better not. */
export const needsSurvey = (type: string, size: number): boolean =>
  type.startsWith('message/') || (type.startsWith('text/') && size <= SURVEY_LIMIT);

/** Throws a SetFault `tooLarge` where a header is longer than a reader would open. */
export function writeEmail(email: NewEmail, stamp: EmailStamp, blobs: ReadonlyMap<string, BlobFacts>): WrittenEmail {
  if (!UNIQUE.test(stamp.unique)) throw new Error('a message needs letters and digits of its own');
  const writer = new Writer(stamp, blobs);
  writer.message(email);
  return { pieces: writer.pieces, size: writer.size };
}

type Encoded = Readonly<{ encoding: '7bit' | '8bit' | 'quoted-printable' | 'base64'; piece: Piece; size: number; type?: string }>;

class Writer {
  readonly pieces: Piece[] = [];
  size = 0;
  readonly #stamp: EmailStamp;
  readonly #blobs: ReadonlyMap<string, BlobFacts>;
  #boundaries = 0;

  constructor(stamp: EmailStamp, blobs: ReadonlyMap<string, BlobFacts>) {
    this.#stamp = stamp;
    this.#blobs = blobs;
  }

  message({ fields, root }: NewEmail): void {
    const all = inOrder([...fields, ...this.#missing(fields)]).map(({ text }) => text);
    this.#part(root, { before: `${all.join('')}MIME-Version: 1.0\r\n`, limit: HEADER_LIMIT, isRoot: true });
  }

  /** RFC 8621 §4.6: Date and Message-ID are there whether given or not. */
  #missing(fields: readonly Field[]): readonly Field[] {
    const { now, unique, domain } = this.#stamp;
    const missing: Field[] = [];
    const isGiven = (wanted: string): boolean => fields.some(({ name }) => name === wanted);
    if (!isGiven('date')) missing.push({ name: 'date', text: writeField('Date', formatDate(now)) });
    if (!isGiven('message-id')) missing.push({ name: 'message-id', text: writeField('Message-ID', `<${unique}@${domain}>`) });
    return missing;
  }

  #part(part: NewPart, { before, limit, isRoot }: Readonly<{ before: string; limit: number; isRoot: boolean }>): void {
    const { content } = part;
    if (content.kind === 'multipart') return this.#multipart(part, content.parts, { before, limit });
    const encoded = content.kind === 'text' ? textOf(part, content.text, isRoot) : this.#blob(part, content.blobId, isRoot);
    const header = `${before}${contentFields(part, { type: encoded.type ?? part.type })}Content-Transfer-Encoding: ${encoded.encoding}\r\n\r\n`;
    this.#put(header, limit);
    this.pieces.push(encoded.piece);
    this.size += encoded.size;
  }

  #multipart(part: NewPart, parts: readonly NewPart[], { before, limit }: Readonly<{ before: string; limit: number }>): void {
    const boundary = `=_${this.#stamp.unique}_${this.#boundaries++}`;
    const [first] = parts;
    const isRelated = part.type === 'multipart/related' && first !== undefined;
    // RFC 2387 §3.1 asks for the type of the first part.
    const type: Parameters = isRelated && !Object.hasOwn(part.parameters, 'type') ? { type: first.type } : {};
    this.#put(`${before}${contentFields(part, { type: part.type, more: { ...type, boundary } })}\r\n`, limit);
    for (const [at, one] of parts.entries())
      this.#part(one, { before: `${at === 0 ? '' : '\r\n'}--${boundary}\r\n`, limit: PART_HEADER_LIMIT, isRoot: false });
    this.#put(`\r\n--${boundary}--\r\n`, limit);
  }

  #blob(part: NewPart, blobId: string, isRoot: boolean): Encoded {
    const facts = this.#blobs.get(blobId);
    if (facts === undefined) throw new Error('a blob was not looked up');
    const { size, lines } = facts;
    if (lines !== undefined && fitsLines(lines)) {
      const isMessage = part.type.startsWith('message/');
      if (isMessage)
        return {
          encoding: lines.isAscii ? '7bit' : '8bit',
          piece: { blobId, form: lines.bareFeeds > 0 ? 'crlf' : 'as-is' },
          size: size + lines.bareFeeds,
        };
      if (part.type.startsWith('text/') && lines.isAscii && lines.bareFeeds === 0 && (lines.endsLine || !isRoot))
        return { encoding: '7bit', piece: { blobId, form: 'as-is' }, size };
    }
    const encoded: Encoded = { encoding: 'base64', piece: { blobId, form: 'base64' }, size: base64Length(size) };
    // A message no line can hold cannot be sent as one: as a file it arrives as it is.
    return part.type.startsWith('message/') ? { ...encoded, type: 'application/octet-stream' } : encoded;
  }

  #put(text: string, limit: number): void {
    const octets = Buffer.from(text, 'utf8');
    if (octets.length > limit) throw new SetFault({ type: 'tooLarge', maxSize: limit, description: 'a header is too long' });
    this.pieces.push(octets);
    this.size += octets.length;
  }
}

const fitsLines = ({ hasNul, longest, bareReturns }: LineFacts): boolean => !hasNul && bareReturns === 0 && longest <= LINE_LIMIT;

function textOf(part: NewPart, text: string, isRoot: boolean): Encoded {
  if (part.type.startsWith('message/')) {
    const octets = Buffer.from(text.replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
    return { encoding: '7bit', piece: octets, size: octets.length };
  }
  const { encoding, octets } = encodeText(text, { endsLine: isRoot });
  return { encoding, piece: octets, size: octets.length };
}

function contentFields(part: NewPart, { type, more = {} }: Readonly<{ type: string; more?: Parameters }>): string {
  const own = type === part.type ? part.parameters : nameOnly(part.parameters);
  const disposition = part.disposition === null ? '' : written('Content-Disposition', part.disposition.kind, part.disposition.parameters);
  return [
    written('Content-Type', type, { ...own, ...more }),
    disposition,
    part.cid === null ? '' : writeField('Content-ID', part.cid),
    ...part.fields.map(({ text }) => text),
  ].join('');
}

const nameOnly = ({ name }: Parameters): Parameters => (name === undefined ? {} : { name });

function written(field: string, value: string, parameters: Parameters): string {
  const all = Object.entries(parameters).map(([name, text]) => writeParameter(name, text));
  return writeField(field, `${value}${all.join('')}`);
}

function inOrder(fields: readonly Field[]): readonly Field[] {
  const rank = ({ name }: Field): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return fields.toSorted((one, other) => rank(one) - rank(other));
}
