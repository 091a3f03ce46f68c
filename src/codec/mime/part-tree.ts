/**
 * The tree a message grows into while it is scanned: which parts are open,
 * which delimiter lines (RFC 2046 §5.1.1) they wait for, and what a part
 * becomes that cannot be opened. Knows no bytes but those of headers.
 */
import { Buffer } from 'node:buffer';
import { type FieldTable, HeaderReading } from './header-reading.ts';
import { BOUNDARY_LIMIT, DEFECT_LIMIT, DEPTH_LIMIT, PART_LIMIT } from './limits.ts';
import { type ContentType, PLAIN_TEXT } from './parameters.ts';
import type { Defect, DefectKind, Envelope, Part } from './structure.ts';

type Draft = { -readonly [Name in keyof Part]: Part[Name] } & { readonly parts: Part[] };

/** `delimiter` is what stands behind the two hyphens, '' when none is awaited (any more). */
type Open = { readonly part: Draft; delimiter: string; readonly lineFeeds: number; readonly isDigest: boolean };

/** Offsets from the start of the message; `lineFeeds` counts those before `bodyStart`. An `isOpaque` header was cut by a bound. */
export type Opening = Readonly<{
  block: Buffer;
  fields: FieldTable;
  headerStart: number;
  bodyStart: number;
  lineFeeds: number;
  isOpaque: boolean;
}>;

/** Where bodies end: `at` before the line end that belongs to the delimiter. */
export type Ending = Readonly<{ at: number; lineFeeds: number; isLineEnd: boolean }>;

/** A delimiter line, and the open part it belongs to. */
export type Hit = Readonly<{ index: number; isLast: boolean }>;

const MESSAGE: ContentType = { type: 'message', subtype: 'rfc822', parameters: {} };
const OCTETS: ContentType = { type: 'application', subtype: 'octet-stream', parameters: {} };

export class PartTree {
  readonly defects: Defect[] = [];
  /** True while any delimiter is awaited: else the rest need not be looked at. */
  awaitsDelimiter = false;
  #open: Open[] = [];
  #partCount = 0;
  #top: { root: Part; reading: HeaderReading } | undefined;

  note(kind: DefectKind, at: number): void {
    if (this.defects.length < DEFECT_LIMIT) this.defects.push({ kind, at });
  }

  get isEmpty(): boolean {
    return this.#top === undefined;
  }

  /** Adds the part a header begins. True when another header follows at once: that of a message inside. */
  begin(opening: Opening): boolean {
    const { block, fields, headerStart } = opening;
    const parent = this.#open.at(-1);
    const isMessage = parent === undefined || parent.part.type === 'message';
    const reading = new HeaderReading({ block, fields, isMessage, note: (kind, at) => this.note(kind, headerStart + at) });
    const part = draftOf(opening, reading, parent?.isDigest === true);
    this.#partCount++;
    this.#attach(part, parent, reading);
    const delimiter = part.type === 'multipart' ? this.#delimiterOf(part, opening.isOpaque) : '';
    const opensMessage = isMessageType(part) && this.#opensMessage(part, opening.isOpaque);
    const isDigest = part.type === 'multipart' && part.subtype === 'digest';
    this.#open.push({ part, delimiter, lineFeeds: opening.lineFeeds, isDigest });
    if (delimiter !== '') this.awaitsDelimiter = true;
    return opensMessage;
  }

  #attach(part: Draft, parent: Open | undefined, reading: HeaderReading): void {
    if (parent === undefined) this.#top = { root: part, reading };
    else if (parent.part.type === 'message') parent.part.message = { envelope: reading.envelope, root: part };
    else parent.part.parts.push(part);
  }

  /** The boundary a multipart waits for, or '' when it cannot be opened; then it is a multipart no longer. */
  #delimiterOf(part: Draft, isOpaque: boolean): string {
    const boundary = trimEnd(part.parameters['boundary'] ?? '');
    // QUIRK: many mailers name an encoding for a multipart and encode nothing; RFC 2045 §6.4 forbids both.
    if (isEncoded(part)) this.note('encoded-container', part.headerStart);
    if (boundary === '') this.#refuse(part, PLAIN_TEXT, 'boundary-missing');
    else if (boundary.length > BOUNDARY_LIMIT) this.#refuse(part, OCTETS, 'boundary-too-long');
    else if (this.#open.length >= DEPTH_LIMIT) this.#refuse(part, OCTETS, 'too-deep');
    else if (isOpaque) become(part, OCTETS);
    else return Buffer.from(boundary, 'utf8').toString('latin1');
    return '';
  }

  #opensMessage(part: Draft, isOpaque: boolean): boolean {
    if (isEncoded(part)) this.note('encoded-container', part.headerStart);
    // Base64 shows nothing of the message in it. QUIRK: quoted-printable is often only claimed, and readable if not.
    if (isOpaque || (isEncoded(part) && part.encoding !== 'quoted-printable')) become(part, OCTETS);
    else if (this.#open.length >= DEPTH_LIMIT) this.#refuse(part, OCTETS, 'too-deep');
    else if (this.#partCount >= PART_LIMIT) this.#refuse(part, OCTETS, 'too-many-parts');
    else return true;
    return false;
  }

  #refuse(part: Draft, instead: ContentType, why: DefectKind): void {
    this.note(why, part.headerStart);
    become(part, instead);
  }

  /** Whose delimiter line this is, without its hyphens and its padding: the innermost part's that waits for it. The whole line counts, so that a boundary may begin with another. */
  match(line: string): Hit | undefined {
    for (let index = this.#open.length - 1; index >= 0; index--) {
      const delimiter = this.#open[index]?.delimiter ?? '';
      if (delimiter === '' || !line.startsWith(delimiter)) continue;
      if (line.length === delimiter.length) return { index, isLast: false };
      if (line.length === delimiter.length + 2 && line.endsWith('--')) return { index, isLast: true };
    }
    return undefined;
  }

  /** Closes what stands inside the part whose delimiter line came. True when a new part follows. */
  closeAt({ index, isLast }: Hit, ending: Ending): boolean {
    this.#closeInside(index + 1, ending);
    if (!isLast && this.#partCount < PART_LIMIT) {
      this.awaitsDelimiter = true;
      return true;
    }
    if (!isLast) this.#stopAt(ending.at);
    const open = this.#open[index];
    if (open !== undefined) open.delimiter = '';
    this.awaitsDelimiter = this.#open.some(({ delimiter }) => delimiter !== '');
    return false;
  }

  /** Past PART_LIMIT the rest of the message is not looked at any more. */
  #stopAt(at: number): void {
    this.note('too-many-parts', at);
    for (const open of this.#open) open.delimiter = '';
  }

  /** Ends every part from `index` on, outer before inner so that none reaches outside its parent. */
  #closeInside(index: number, ending: Ending): void {
    let bound = Number.POSITIVE_INFINITY;
    for (const open of this.#open.slice(index)) {
      const { part } = open;
      if (open.delimiter !== '') this.note('missing-terminator', ending.at);
      part.bodyEnd = Math.min(Math.max(part.bodyStart, ending.at), bound);
      part.bodyStart = Math.min(part.bodyStart, part.bodyEnd);
      part.headerStart = Math.min(part.headerStart, part.bodyEnd);
      if (part.bodyEnd > part.bodyStart) part.lines = ending.lineFeeds - open.lineFeeds + (ending.isLineEnd ? 0 : 1);
      if (part.type === 'multipart' && part.parts.length === 0) this.#refuse(part, PLAIN_TEXT, 'no-parts');
      bound = part.bodyEnd;
    }
    this.#open = this.#open.slice(0, index);
  }

  /** Ends the message itself. */
  finish(ending: Ending): { root: Part; envelope: Envelope; references: readonly string[]; receivedCount: number } {
    this.#closeInside(0, ending);
    if (this.#top === undefined) throw new Error('a message was finished before its header was read');
    const { root, reading } = this.#top;
    return { root, envelope: reading.envelope, references: reading.references, receivedCount: reading.receivedCount };
  }
}

function draftOf({ headerStart, bodyStart }: Opening, { content }: HeaderReading, isInDigest: boolean): Draft {
  const contentType = content.contentType ?? (isInDigest ? MESSAGE : PLAIN_TEXT);
  return {
    headerStart,
    bodyStart,
    bodyEnd: bodyStart,
    lines: 0,
    type: contentType.type,
    subtype: contentType.subtype,
    parameters: contentType.parameters,
    id: content.id,
    description: content.description,
    encoding: content.encoding ?? '7bit',
    disposition: content.disposition,
    language: content.language,
    location: content.location,
    md5: content.md5,
    parts: [],
    message: null,
  };
}

const isMessageType = ({ type, subtype }: Draft): boolean => type === 'message' && (subtype === 'rfc822' || subtype === 'global');

const isEncoded = ({ encoding }: Draft): boolean => encoding !== '7bit' && encoding !== '8bit' && encoding !== 'binary';

/** Parameters stay, so that a name for the file is not lost; but a text takes the charset of its new type. */
function become(part: Draft, { type, subtype, parameters }: ContentType): void {
  part.type = type;
  part.subtype = subtype;
  if (type === 'text') part.parameters = parameters;
}

/** RFC 2046 §5.1.1: a boundary does not end in white space; relays would cut it off. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return text.slice(0, end);
}
