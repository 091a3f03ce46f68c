/** From the fields of one header to what the structure keeps of them: the envelope, and what the content says of itself. */
import type { Buffer } from 'node:buffer';
import { isAscii, isUtf8 } from 'node:buffer';
import { parseAddressList } from './address.ts';
import { textOfAscii, textOfLatin1, trimBlank } from './field-text.ts';
import { type KnownField, knownField } from './known-fields.ts';
import { LANGUAGE_LIMIT, REFERENCE_LIMIT } from './limits.ts';
import { messageIds } from './message-id.ts';
import { type ContentType, PLAIN_TEXT, parseContentType, parseDisposition } from './parameters.ts';
import type { Address, DefectKind, Disposition, Envelope } from './structure.ts';
import { isKnownEncoding } from './transfer-encoding.ts';

/** Three numbers a field, counted from the start of the block: its name, its colon, the end of its last line. */
export type FieldTable = readonly number[];
export const TABLE_STRIDE = 3;

export type Content = {
  /** Null without a Content-Type: what that means is for the container to say. */
  contentType: ContentType | null;
  id: string | null;
  description: string | null;
  encoding: string | null;
  disposition: Disposition | null;
  language: readonly string[] | null;
  location: string | null;
  md5: string | null;
};

type Draft<T> = { -readonly [Name in keyof T]: T[Name] };
/** `at` counts from the start of the block. */
type Note = (kind: DefectKind, at: number) => void;
export type HeaderInput = Readonly<{ block: Buffer; fields: FieldTable; isMessage: boolean; note: Note }>;

/** Reads every field once, in order. A part that is no message has no envelope: its To and Subject mean nothing. */
export class HeaderReading {
  readonly content: Content = {
    contentType: null,
    id: null,
    description: null,
    encoding: null,
    disposition: null,
    language: null,
    location: null,
    md5: null,
  };
  readonly envelope: Draft<Envelope> = {
    date: null,
    subject: null,
    from: null,
    sender: null,
    replyTo: null,
    to: null,
    cc: null,
    bcc: null,
    inReplyTo: null,
    messageId: null,
  };
  references: readonly string[] = [];
  receivedCount = 0;
  readonly #latin1: string;
  readonly #isPlain: boolean;
  readonly #note: Note;
  #seen = 0;
  /** The field being read, and its value. */
  #start = 0;
  #from = 0;
  #to = 0;

  constructor({ block, fields, isMessage, note }: HeaderInput) {
    this.#latin1 = block.toString('latin1');
    this.#note = note;
    this.#isPlain = isAscii(block) && !block.includes(0);
    if (!this.#isPlain && !isUtf8(block)) note('header-not-utf8', 0);
    for (let at = 0; at < fields.length; at += TABLE_STRIDE) {
      const [start, colon] = [fields[at] ?? 0, fields[at + 1] ?? 0];
      const name = knownField(block, start, nameEnd(block, colon));
      if (name === undefined) continue;
      this.#start = start;
      this.#from = colon + 1;
      this.#to = fields[at + 2] ?? 0;
      if (this.#readContent(name) || !isMessage) continue;
      if (!this.#readRecipients(name)) this.#readEnvelope(name);
    }
  }

  #text(): string {
    const value = this.#latin1.slice(this.#from, this.#to);
    return this.#isPlain ? textOfAscii(value) : textOfLatin1(value);
  }

  /** True the first time. Of two fields the first counts: it is the one signers sign and most programs show. */
  #isFirst(bit: number): boolean {
    const isFirst = (this.#seen & (1 << bit)) === 0;
    this.#seen |= 1 << bit;
    if (!isFirst) this.#note('duplicate-field', this.#start);
    return isFirst;
  }

  /** RFC 5322 §4.5.3: several destination fields are one list; §3.6 allows one, so a second is told of. */
  #readRecipients(name: KnownField): boolean {
    if (name !== 'to' && name !== 'cc' && name !== 'bcc') return false;
    this.#isFirst(name === 'to' ? 16 : name === 'cc' ? 17 : 18);
    this.envelope[name] = this.#addresses(this.envelope[name]);
    return true;
  }

  #addresses(before: readonly Address[] | null): readonly Address[] | null {
    const { addresses, complete } = parseAddressList(this.#text());
    if (!complete) this.#note('too-many-addresses', this.#start);
    if (addresses.length === 0) return before;
    return before === null ? addresses : before.concat(addresses);
  }

  #readEnvelope(name: KnownField): void {
    const { envelope } = this;
    switch (name) {
      case 'received':
        this.receivedCount++;
        break;
      case 'date':
        if (this.#isFirst(0)) envelope.date = this.#text();
        break;
      case 'subject':
        if (this.#isFirst(1)) envelope.subject = this.#text();
        break;
      case 'from':
        if (this.#isFirst(2)) envelope.from = this.#addresses(null);
        break;
      case 'sender':
        if (this.#isFirst(3)) envelope.sender = this.#addresses(null);
        break;
      case 'reply-to':
        if (this.#isFirst(4)) envelope.replyTo = this.#addresses(null);
        break;
      case 'in-reply-to':
        if (this.#isFirst(5)) envelope.inReplyTo = this.#text();
        break;
      case 'message-id':
        if (this.#isFirst(6)) envelope.messageId = this.#text();
        break;
      case 'references':
        if (this.#isFirst(7)) this.#readReferences();
        break;
      default:
        break;
    }
  }

  #readReferences(): void {
    const ids = messageIds(this.#text(), REFERENCE_LIMIT + 1);
    if (ids.length > REFERENCE_LIMIT) this.#note('too-many-references', this.#start);
    this.references = ids.slice(0, REFERENCE_LIMIT);
  }

  /** True when the field is one of the content's own. */
  #readContent(name: KnownField): boolean {
    const { content } = this;
    switch (name) {
      case 'content-type':
        if (this.#isFirst(8)) content.contentType = this.#contentType();
        return true;
      case 'content-transfer-encoding':
        if (this.#isFirst(9)) content.encoding = this.#encoding();
        return true;
      case 'content-id':
        if (this.#isFirst(10)) content.id = this.#text();
        return true;
      case 'content-description':
        if (this.#isFirst(11)) content.description = this.#text();
        return true;
      case 'content-disposition':
        if (this.#isFirst(12)) content.disposition = parseDisposition(this.#text()) ?? null;
        return true;
      case 'content-language':
        if (this.#isFirst(13)) content.language = languages(this.#text());
        return true;
      case 'content-location':
        // RFC 2557 §4.4.2: white space in it is folding, never part of the address.
        if (this.#isFirst(14)) content.location = this.#text().replaceAll(' ', '').replaceAll('\t', '');
        return true;
      case 'content-md5':
        if (this.#isFirst(15)) content.md5 = this.#text();
        return true;
      default:
        return false;
    }
  }

  /** RFC 2045 §5.2: what cannot be read is plain text. */
  #contentType(): ContentType {
    const contentType = parseContentType(this.#text());
    if (contentType === undefined) this.#note('bad-content-type', this.#start);
    return contentType ?? PLAIN_TEXT;
  }

  #encoding(): string | null {
    const encoding = encodingName(this.#text());
    if (encoding !== '' && !isKnownEncoding(encoding)) this.#note('unknown-encoding', this.#start);
    return encoding === '' ? null : encoding;
  }
}

function nameEnd(block: Buffer, colon: number): number {
  let end = colon;
  while (block[end - 1] === 0x20 || block[end - 1] === 0x09) end--;
  return end;
}

/** QUIRK: quotes around it, a semicolon or comment behind it, `8 bit` and `quoted printable` with a space. */
function encodingName(text: string): string {
  const lower = text.toLowerCase();
  if (isKnownEncoding(lower)) return lower;
  const bare = lower.replaceAll('"', '').replaceAll("'", '');
  const stop = bare.search(/[;(]/);
  const name = trimBlank(stop < 0 ? bare : bare.slice(0, stop));
  if (name === 'quoted printable') return 'quoted-printable';
  return name.replaceAll(' ', '').replaceAll('-bit', 'bit');
}

function languages(text: string): readonly string[] | null {
  const tags = text
    .split(',', LANGUAGE_LIMIT)
    .map(trimBlank)
    .filter((tag) => tag !== '');
  return tags.length === 0 ? null : tags;
}
