/** EmailBodyPart of an object to be made: read and held against RFC 8621 §4.6. */
import { Buffer, isAscii } from 'node:buffer';
import { type ContentType, parseContentType, parseDisposition } from '../../mime/parameters.ts';
import type { Disposition, Parameters } from '../../mime/structure.ts';
import { isId, isObject, isText, isTextList, type JsonObject, member } from '../json.ts';
import { Complaint, type Faults, inside, type Place } from './creation-faults.ts';
import { bareId, type Field, fieldName, fieldsOf, instancesOf } from './header-creation.ts';
import { lineOf } from './header-line.ts';
import { isHeaderProperty, readHeaderProperty } from './header-property.ts';

export type PartContent =
  | Readonly<{ kind: 'text'; text: string }>
  | Readonly<{ kind: 'blob'; blobId: string }>
  | Readonly<{ kind: 'multipart'; parts: readonly NewPart[] }>;

/** A part as it will be written: nothing in it needs checking again. */
export type NewPart = Readonly<{
  /** Lower case, `text/plain`. */
  type: string;
  /** Of Content-Type, `boundary` left out. */
  parameters: Parameters;
  disposition: Disposition | null;
  /** With angle brackets. */
  cid: string | null;
  fields: readonly Field[];
  content: PartContent;
}>;

/** What the parts of one email share while they are read. */
export type PartReading = Readonly<{
  faults: Faults;
  /** Values of good EmailBodyValues by partId; each is used once. */
  values: Map<string, string>;
  count: { parts: number };
}>;

/** What a part is that does not say; `leaf`: it may not hold parts. */
export type PartExpectation = Readonly<{ type?: string; leaf: boolean; depth: number }>;

/** Parts of one email, and multiparts in one another: less than codec/mime/limits.ts lets the reader open. */
const PARTS_LIMIT = 500;
const DEPTH_LIMIT = 20;
/** UTF-16 units of a name: written by RFC 2231 it stays within the segments a reader puts together. */
const NAME_LIMIT = 400;
const URI_LIMIT = 880;
const LANGUAGES_LIMIT = 100;
const FIELDS_LIMIT = 200;

const TYPE = /^[A-Za-z0-9!#$&^_.+-]{1,127}\/[A-Za-z0-9!#$&^_.+-]{1,127}$/;
const TOKEN = /^[A-Za-z0-9!#$&^_.+-]{1,60}$/;
const LANGUAGE = /^[A-Za-z0-9*-]{1,60}$/;
const URI = /^[!-;=?-~]+$/;

/** Properties of a part, and the field each is of. */
const FIELD_OF: Readonly<Record<string, string>> = {
  type: 'content-type',
  charset: 'content-type',
  name: 'content-disposition',
  disposition: 'content-disposition',
  cid: 'content-id',
  language: 'content-language',
  location: 'content-location',
};
const OTHERS: ReadonlySet<string> = new Set(['partId', 'blobId', 'size', 'subParts']);

/** Undefined where something was wrong; then it is noted. */
export function readPart(value: unknown, place: Place, reading: PartReading, expected: PartExpectation): NewPart | undefined {
  const { faults, count } = reading;
  if (!isObject(value)) return void faults.note(place, 'must be an EmailBodyPart');
  if (++count.parts > PARTS_LIMIT) return void faults.note(place, `an email has at most ${PARTS_LIMIT} parts`);
  if (expected.depth > DEPTH_LIMIT) return void faults.note(place, `parts lie at most ${DEPTH_LIMIT} deep`);
  const headers = readHeaders(value, place, faults);
  const contentType = faults.attempt(inside(place, 'type'), () => typeOf(value, headers, expected));
  if (contentType === undefined) return undefined;
  const type = `${contentType.type}/${contentType.subtype}`;
  const content = readContent(value, place, { reading, expected, type });
  const parameters = faults.attempt(inside(place, 'charset'), () => parametersOf(value, contentType, content));
  const disposition = faults.attempt(inside(place, 'disposition'), () => dispositionOf(value, headers)) ?? null;
  const fields = [...headers.fields];
  const cid = faults.attempt(inside(place, 'cid'), () => givenOr(value, 'cid', bareId)) ?? null;
  for (const name of ['language', 'location'] as const)
    fields.push(...(faults.attempt(inside(place, name), () => ofProperty(value, name)) ?? []));
  if (content === undefined || parameters === undefined) return undefined;
  return { type, parameters, disposition, cid, fields, content };
}

type PartHeaders = { contentType?: string; disposition?: string; fields: Field[] };

/** The header properties of a part, each held against the others and against the plain ones. */
function readHeaders(part: JsonObject, place: Place, faults: Faults): PartHeaders {
  const headers: PartHeaders = { fields: [] };
  const seen = new Set(Object.keys(part).flatMap((name) => (Object.hasOwn(FIELD_OF, name) ? [FIELD_OF[name]] : [])));
  if (Object.keys(part).length > FIELDS_LIMIT) faults.note(place, `a part has at most ${FIELDS_LIMIT} properties`);
  else
    for (const name of Object.keys(part)) {
      if (Object.hasOwn(FIELD_OF, name) || OTHERS.has(name)) continue;
      faults.attempt(inside(place, name), () => readHeader(part, name, { headers, seen }));
    }
  return headers;
}

function readHeader(
  part: JsonObject,
  name: string,
  { headers, seen }: Readonly<{ headers: PartHeaders; seen: Set<string | undefined> }>,
): void {
  const property = readHeaderProperty(name);
  if (property === undefined)
    throw new Complaint(
      isHeaderProperty(name) ? 'this field cannot be given in this form' : 'there is no such property, or it cannot be set',
    );
  const { field } = property;
  if (field === 'content-transfer-encoding') throw new Complaint('the encoding is chosen by the server');
  if (seen.has(field)) throw new Complaint('another property is of the same field');
  seen.add(field);
  const written = fieldsOf(fieldName(name), property, part[name]);
  if (field !== 'content-type' && field !== 'content-disposition') return void headers.fields.push(...written);
  if (property.form !== 'Raw' && property.form !== 'Text') throw new Complaint('this field cannot be given in this form');
  const [text] = instancesOf(part[name], property.all);
  if (isText(text)) headers[field === 'content-type' ? 'contentType' : 'disposition'] = text.replace(/\r?\n(?=[ \t])/g, '');
}

/** The value of a property that was given, read; null for one that was not, or is null. */
function givenOr<Value>(part: JsonObject, name: string, read: (value: unknown) => Value): Value | null {
  const value = member(part, name) ?? null;
  return value === null ? null : read(value);
}

function typeOf(part: JsonObject, headers: PartHeaders, { type: expected }: PartExpectation): ContentType {
  const given = headers.contentType ?? givenOr(part, 'type', (value) => lineOf(value));
  const text = given ?? expected ?? defaultType(part);
  const parsed = parseContentType(text);
  if (parsed === undefined || !TYPE.test(`${parsed.type}/${parsed.subtype}`)) throw new Complaint('is no media type');
  if (headers.contentType === undefined && !TYPE.test(text)) throw new Complaint('is a media type without parameters');
  return parsed;
}

function defaultType(part: JsonObject): string {
  if ((member(part, 'subParts') ?? null) !== null) return 'multipart/mixed';
  return (member(part, 'partId') ?? null) === null ? 'application/octet-stream' : 'text/plain';
}

function parametersOf(part: JsonObject, { type, parameters }: ContentType, content: PartContent | undefined): Parameters {
  const { boundary: _, charset: inField, ...others } = parameters;
  const charset = givenOr(part, 'charset', (value) => lineOf(value)) ?? inField;
  if (charset !== undefined && content?.kind === 'text') throw new Complaint('must be left out where a partId is given');
  if (charset !== undefined && !TOKEN.test(charset)) throw new Complaint('is no charset');
  const name = nameOf(part) ?? others['name'];
  const kept = Object.entries(others).filter(([one, value]) => one !== 'name' && TOKEN.test(one) && value.length <= NAME_LIMIT);
  const own = content?.kind === 'text' && type === 'text' ? 'utf-8' : type === 'multipart' ? undefined : charset;
  return { ...(own === undefined ? {} : { charset: own }), ...Object.fromEntries(kept), ...(name === undefined ? {} : { name }) };
}

function nameOf(part: JsonObject): string | undefined {
  const name = givenOr(part, 'name', (value) => lineOf(value, NAME_LIMIT));
  return name === null || name === '' ? undefined : name;
}

function dispositionOf(part: JsonObject, headers: PartHeaders): Disposition | null {
  if (headers.disposition !== undefined) {
    const parsed = parseDisposition(headers.disposition);
    if (parsed === undefined || !TOKEN.test(parsed.kind)) throw new Complaint('is no disposition');
    const kept = Object.entries(parsed.parameters).filter(([name, value]) => TOKEN.test(name) && value.length <= NAME_LIMIT);
    return { kind: parsed.kind, parameters: Object.fromEntries(kept) };
  }
  const kind = givenOr(part, 'disposition', (value) => lineOf(value));
  if (kind === null) return null;
  if (!TOKEN.test(kind)) throw new Complaint('is no disposition');
  const filename = nameOf(part);
  return { kind: kind.toLowerCase(), parameters: filename === undefined ? {} : { filename } };
}

function ofProperty(part: JsonObject, name: 'language' | 'location'): readonly Field[] {
  const value = member(part, name) ?? null;
  if (value === null) return [];
  if (name === 'location') {
    const uri = lineOf(value, URI_LIMIT);
    if (!URI.test(uri)) throw new Complaint('is no URI');
    return [{ name: 'content-location', text: `Content-Location: ${uri}\r\n` }];
  }
  if (!isTextList(value) || value.length > LANGUAGES_LIMIT || !value.every((tag) => LANGUAGE.test(tag)))
    throw new Complaint('must be a list of language tags');
  const property = { field: 'content-language', form: 'Raw', all: false } as const;
  return value.length === 0 ? [] : fieldsOf('Content-Language', property, value.join(', '));
}

type ContentReading = Readonly<{ reading: PartReading; expected: PartExpectation; type: string }>;

function readContent(part: JsonObject, place: Place, { reading, expected, type }: ContentReading): PartContent | undefined {
  const { faults } = reading;
  const [partId, blobId, subParts] = [member(part, 'partId') ?? null, member(part, 'blobId') ?? null, member(part, 'subParts') ?? null];
  if (type.startsWith('multipart/')) {
    if (expected.leaf) return void faults.note(inside(place, 'type'), 'a multipart can stand only in bodyStructure');
    if (partId !== null || blobId !== null) return void faults.note(place, 'a multipart has neither partId nor blobId');
    return readSubParts(subParts, inside(place, 'subParts'), { reading, expected });
  }
  if (subParts !== null && !(Array.isArray(subParts) && subParts.length === 0))
    return void faults.note(inside(place, 'subParts'), 'only a multipart has parts');
  if ((partId === null) === (blobId === null)) return void faults.note(place, 'must have either a partId or a blobId');
  if (blobId !== null) return readBlob(blobId, inside(place, 'blobId'), faults);
  if ((member(part, 'size') ?? null) !== null) faults.note(inside(place, 'size'), 'must be left out where a partId is given');
  return faults.attempt(inside(place, 'partId'), () => readValue(partId, type, reading.values));
}

function readSubParts(
  value: unknown,
  place: Place,
  { reading, expected }: Readonly<{ reading: PartReading; expected: PartExpectation }>,
): PartContent | undefined {
  if (!Array.isArray(value) || value.length === 0) return void reading.faults.note(place, 'a multipart has at least one part');
  const parts: NewPart[] = [];
  for (const [at, one] of value.entries()) {
    if (reading.count.parts > PARTS_LIMIT) break;
    const part = readPart(one, inside(place, at), reading, { leaf: false, depth: expected.depth + 1 });
    if (part !== undefined) parts.push(part);
  }
  return { kind: 'multipart', parts };
}

function readBlob(blobId: unknown, place: Place, faults: Faults): PartContent | undefined {
  if (!isText(blobId)) return void faults.note(place, 'must be an id');
  // `#k1` is the blob of what is made beside it.
  if (!isId(blobId.startsWith('#') ? blobId.slice(1) : blobId)) return void faults.note(place, 'is no id');
  return { kind: 'blob', blobId };
}

function readValue(partId: unknown, type: string, values: Map<string, string>): PartContent {
  const text = isText(partId) ? values.get(partId) : undefined;
  if (!isText(partId) || text === undefined) throw new Complaint('is not in bodyValues, or was used before');
  // SECURITY: each once, so that a small request is a small message.
  values.delete(partId);
  // RFC 2046 §5.2: messages may not be encoded, so they hold nothing that needs it.
  if (
    type.startsWith('message/') &&
    !(isAscii(Buffer.from(text)) && !text.includes('\0') && text.split('\n').every((line) => line.length < 998))
  )
    throw new Complaint('a message of long lines or non-ASCII text must be given as a blob');
  return { kind: 'text', text };
}
