/**
 * What BODY[section]<partial> means (RFC 9051 §6.4.5.1): reading it, and finding the octets in
 * a message from the offsets of its structure, without looking at the message itself. Only
 * HEADER.FIELDS needs the header's octets, to choose among its lines (`chooseFields`).
 */
import type { MessageStructure, Part } from '../mime/structure.ts';
import { asciiLower } from './ascii.ts';
import type { Cursor } from './cursor.ts';
import { astring } from './encoder.ts';

export type SectionText = 'all' | 'header' | 'fields' | 'fieldsNot' | 'text' | 'mime';

/** `fields` are field names in lower case, for `fields` and `fieldsNot`. */
export type Section = Readonly<{ part: readonly number[]; text: SectionText; fields: readonly string[] }>;

/** The first octet wanted and how many, as asked. */
export type Partial = Readonly<{ origin: number; length: number }>;

/** Octets [from, to) of the message. */
export type Span = Readonly<{ from: number; to: number }>;

/** Numbers in a part specifier: no message is nested deeper (codec/mime/limits.ts). */
const PART_DEPTH_LIMIT = 100;
/** Field names in one HEADER.FIELDS. */
const FIELD_LIMIT = 200;

const WORDS = {
  header: 'HEADER',
  fields: 'HEADER.FIELDS',
  fieldsNot: 'HEADER.FIELDS.NOT',
  text: 'TEXT',
  mime: 'MIME',
} as const satisfies Readonly<Record<Exclude<SectionText, 'all'>, string>>;

const TEXTS: ReadonlyMap<string, SectionText> = new Map(
  (['header', 'fields', 'fieldsNot', 'text', 'mime'] as const).map((text) => [WORDS[text], text]),
);

/** `[` section `]`. */
export function readSection(cursor: Cursor): Section {
  cursor.expect('[');
  const part = readNumbers(cursor);
  const text = cursor.sees(']') ? 'all' : readText(cursor, part.length > 0);
  const fields = text === 'fields' || text === 'fieldsNot' ? readFields(cursor) : [];
  cursor.expect(']');
  return { part, text, fields };
}

/** `[` part numbers `]`, as BINARY takes. */
export function readPart(cursor: Cursor): readonly number[] {
  cursor.expect('[');
  const part = readNumbers(cursor);
  cursor.expect(']');
  return part;
}

/** `<` origin `.` length `>`, if it is there. */
export function readPartial(cursor: Cursor): Partial | undefined {
  if (!cursor.accept('<')) return undefined;
  const origin = cursor.number64();
  cursor.expect('.');
  const length = cursor.number64();
  if (length === 0) cursor.fail('A partial fetch asks for one octet at least');
  cursor.expect('>');
  return { origin, length };
}

/** Part numbers, up to `]` or with the period before the section's text read. */
function readNumbers(cursor: Cursor): number[] {
  const numbers: number[] = [];
  while (isDigit(cursor.peek())) {
    numbers.push(cursor.nzNumber());
    if (numbers.length > PART_DEPTH_LIMIT) cursor.fail('The part number is too long');
    if (!cursor.accept('.')) break;
    if (cursor.sees(']')) cursor.fail('Expected a part number or text specifier');
  }
  return numbers;
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

function readText(cursor: Cursor, hasPart: boolean): SectionText {
  const text = TEXTS.get(cursor.word());
  if (text === undefined) cursor.fail('There is no such section');
  if (text === 'mime' && !hasPart) cursor.fail('MIME needs a part number');
  return text ?? 'all';
}

function readFields(cursor: Cursor): readonly string[] {
  cursor.space();
  const fields = cursor.list(() => asciiLower(cursor.astring()));
  if (fields.length > FIELD_LIMIT) cursor.fail('Too many field names');
  return fields;
}

/** The section as answers name it: words in upper case, as the RFCs write them and old clients compare them. */
export function sectionLabel(section: Section): string {
  const part = section.part.join('.');
  if (section.text === 'all') return part;
  const word = WORDS[section.text];
  const fields = section.fields.length === 0 ? '' : ` (${section.fields.map((field) => astring(field.toUpperCase(), false)).join(' ')})`;
  return `${part}${part === '' ? '' : '.'}${word}${fields}`;
}

/** The part with this number; undefined when there is none. No numbers at all mean the message's own root. */
export function findPart(root: Part, numbers: readonly number[]): Part | undefined {
  let inMessage: Part | undefined = root;
  let part = root;
  for (const number of numbers) {
    const found: Part | undefined = inMessage === undefined ? part.parts[number - 1] : bodyPart(inMessage, number);
    if (found === undefined) return undefined;
    part = found;
    inMessage = part.message?.root;
  }
  return part;
}

/** Part `number` of a message: a child of its multipart, or its only body as 1. */
function bodyPart(root: Part, number: number): Part | undefined {
  if (root.type === 'multipart') return root.parts[number - 1];
  return number === 1 ? root : undefined;
}

/** The octets a section means (for HEADER.FIELDS the whole header, to choose from); undefined when there is no such section. */
export function locate(structure: MessageStructure, section: Section): Span | undefined {
  if (section.part.length === 0) return locateInMessage(structure.root, section.text, structure.size);
  const part = findPart(structure.root, section.part);
  if (part === undefined) return undefined;
  if (section.text === 'all') return { from: part.bodyStart, to: part.bodyEnd };
  if (section.text === 'mime') return { from: part.headerStart, to: part.bodyStart };
  return part.message === null ? undefined : locateInMessage(part.message.root, section.text, part.bodyEnd);
}

function locateInMessage(root: Part, text: SectionText, end: number): Span | undefined {
  switch (text) {
    case 'all':
      return { from: root.headerStart, to: end };
    case 'text':
      return { from: root.bodyStart, to: end };
    case 'header':
    case 'fields':
    case 'fieldsNot':
      return { from: root.headerStart, to: root.bodyStart };
    case 'mime':
      return undefined;
  }
}

/** Narrows a span to the octets a partial asks for; past the end it is empty. */
export function cut(span: Span, partial: Partial | undefined): Span {
  if (partial === undefined) return span;
  const from = Math.min(span.from + partial.origin, span.to);
  return { from, to: Math.min(from + partial.length, span.to) };
}

const LF = 0x0a;
const COLON = 0x3a;

/** The lines of a header whose field is among the names (or, for `fieldsNot`, is not), and the blank line at its end. */
export function chooseFields(header: Buffer, section: Section): Buffer {
  const names = new Set(section.fields);
  const wanted = section.text === 'fields';
  const chosen: Buffer[] = [];
  let isKept = false;
  for (let at = 0; at < header.length; ) {
    const lineFeed = header.indexOf(LF, at);
    const end = lineFeed < 0 ? header.length : lineFeed + 1;
    if (isBlank(header, at, end)) isKept = true;
    else if (!isFolded(header, at)) isKept = names.has(fieldName(header, at, end)) === wanted;
    if (isKept) chosen.push(header.subarray(at, end));
    at = end;
  }
  return Buffer.concat(chosen);
}

const isBlank = (header: Buffer, at: number, end: number): boolean =>
  end - at === 1 ? header[at] === LF : end - at === 2 && header[at] === 0x0d && header[at + 1] === LF;

const isFolded = (header: Buffer, at: number): boolean => header[at] === 0x20 || header[at] === 0x09;

/** The field's name in lower case; empty for a line that is no field. */
function fieldName(header: Buffer, at: number, end: number): string {
  const colon = header.indexOf(COLON, at);
  return colon < 0 || colon >= end ? '' : asciiLower(header.toString('latin1', at, colon).trimEnd());
}
