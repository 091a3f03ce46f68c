/** The Email object a client asks us to make (RFC 8621 §4.6): read, held against the rules, and laid out for email-writing.ts. */
import { isId, isKeyword, isObject, type JsonObject, member } from '../json.ts';
import { bodyOf } from './body-creation.ts';
import { Complaint, Faults, placeOf } from './creation-faults.ts';
import { CONVENIENCE, isConvenience } from './email-property.ts';
import { dateOf, type Field, fieldName, fieldsOf } from './header-creation.ts';
import { isHeaderProperty, readHeaderProperty } from './header-property.ts';
import { lineOf } from './header-line.ts';
import type { NewPart } from './part-creation.ts';

export type NewEmail = Readonly<{
  /** Of the whole message, those of the body's root included; Date and Message-ID only where they were given. */
  fields: readonly Field[];
  root: NewPart;
  /** By form only; `#k1` may be the id of what is made beside it. */
  mailboxIds: readonly string[];
  /** Lower case, each once. */
  keywords: readonly string[];
  /** Milliseconds since 1970; undefined: now. */
  receivedAt: number | undefined;
}>;

/** Properties of one email; no message has so many fields. */
const PROPERTIES_LIMIT = 500;
/** Ids and keywords of one email, before those who keep them count again. */
const MAP_LIMIT = 1_000;

const OWN: ReadonlySet<string> = new Set([
  'mailboxIds',
  'keywords',
  'receivedAt',
  'bodyStructure',
  'bodyValues',
  'textBody',
  'htmlBody',
  'attachments',
]);
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** Throws a SetFault `invalidProperties` that names every property with something wrong. */
export function readNewEmail(email: JsonObject): NewEmail {
  const faults = new Faults();
  const given = readFields(email, faults);
  const mailboxIds = faults.attempt(placeOf('mailboxIds'), () => mailboxIdsOf(member(email, 'mailboxIds'))) ?? [];
  const keywords = faults.attempt(placeOf('keywords'), () => keywordsOf(member(email, 'keywords') ?? {})) ?? [];
  const receivedAt = faults.attempt(placeOf('receivedAt'), () => receivedAtOf(member(email, 'receivedAt') ?? null));
  const root = bodyOf(email, { faults });
  const doubled = root.fields.find(({ name }) => given.seen.has(name));
  if (doubled !== undefined) faults.note(placeOf('bodyStructure'), `${doubled.name} is given on the Email already`);
  faults.settle();
  return { fields: [...given.fields, ...root.fields], root: { ...root, fields: [] }, mailboxIds, keywords, receivedAt };
}

/** `seen`: the fields that properties stand for, null ones too. */
type Given = { fields: Field[]; seen: Map<string, string> };

function readFields(email: JsonObject, faults: Faults): Given {
  const given: Given = { fields: [], seen: new Map() };
  const names = Object.keys(email).filter((name) => !OWN.has(name));
  if (names.length > PROPERTIES_LIMIT) faults.note(placeOf(names[0] ?? ''), `an email has at most ${PROPERTIES_LIMIT} properties`);
  for (const name of names.slice(0, PROPERTIES_LIMIT)) faults.attempt(placeOf(name), () => readField(name, email[name], { given, faults }));
  return given;
}

function readField(name: string, value: unknown, { given, faults }: Readonly<{ given: Given; faults: Faults }>): void {
  const spelt = isConvenience(name) ? CONVENIENCE[name] : name;
  const property = readHeaderProperty(spelt);
  if (property === undefined)
    throw new Complaint(
      isHeaderProperty(name) ? 'this field cannot be given in this form' : 'there is no such property, or it cannot be set',
    );
  const { field } = property;
  if (field.startsWith('content-')) throw new Complaint('is given on a part of the body, not on the Email');
  const other = given.seen.get(field);
  given.seen.set(field, name);
  if (other !== undefined) {
    faults.note(placeOf(other), `is of the same field as ${name}`);
    throw new Complaint(`is of the same field as ${other}`);
  }
  const fields = fieldsOf(fieldName(spelt), property, value);
  if (field === 'mime-version') throw new Complaint('is set by the server');
  given.fields.push(...fields);
}

/** Names of a map whose values are all true (§4.1.1). */
function namesOf(value: unknown): readonly string[] {
  if (!isObject(value) || !Object.values(value).every((one) => one === true))
    throw new Complaint('must be an object with true for each name');
  const names = Object.keys(value);
  if (names.length > MAP_LIMIT) throw new Complaint(`has at most ${MAP_LIMIT} names`);
  return names;
}

function mailboxIdsOf(value: unknown): readonly string[] {
  const ids = namesOf(value);
  if (ids.length === 0) throw new Complaint('an email is in at least one mailbox');
  if (!ids.every((id) => isId(id.startsWith('#') ? id.slice(1) : id))) throw new Complaint('holds what is no id');
  return ids;
}

/** They have no case (§4.1.1), and are kept in lower case. */
function keywordsOf(value: unknown): readonly string[] {
  const keywords = namesOf(value).map((keyword) => keyword.toLowerCase());
  if (!keywords.every(isKeyword)) throw new Complaint('holds what is no keyword');
  return [...new Set(keywords)];
}

function receivedAtOf(value: unknown): number | undefined {
  if (value === null) return undefined;
  const text = lineOf(value);
  if (!UTC.test(text)) throw new Complaint('is no UTCDate');
  dateOf(text);
  return Date.parse(text);
}
