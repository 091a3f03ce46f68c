/**
 * Header fields out of the properties of an object to be made (RFC 8621
 * §4.1.2, §4.6). SECURITY: no value adds a field: what holds a line end or a
 * NUL is refused here, and the writer lets none through besides.
 */
import { formatDate } from '../../mime/date.ts';
import { decodedHeader, isPlainHeaderText } from '../../mime/encoded-word.ts';
import { formatAddressList } from '../../mime/format-address.ts';
import { unstructured, writeField } from '../../mime/header-writing.ts';
import { REFERENCE_LIMIT } from '../../mime/limits.ts';
import { isText } from '../json.ts';
import { addressesOf, groupsOf } from './address-creation.ts';
import { Complaint } from './creation-faults.ts';
import { lineOf, VALUE_LIMIT } from './header-line.ts';
import { type HeaderForm, type HeaderProperty, readHeaderProperty } from './header-property.ts';

/** `name` in lower case; `text` is the whole field with its line end. */
export type Field = Readonly<{ name: string; text: string }>;

/** Characters of a field's name: with a word of the writer's limit its line stays within RFC 5322 §2.1.1. */
const NAME_LIMIT = 90;
/** Characters of an id or address on one line. */
const ATOM_LIMIT = 880;
/** Fields that `:all` may ask for at once. */
const INSTANCES_LIMIT = 100;
const URLS_LIMIT = 100;

/** RFC 5322 §3.6: fields a message has once, and those of RFC 2045. */
const ONCE: ReadonlySet<string> = new Set(
  'date from sender reply-to to cc bcc message-id in-reply-to references subject mime-version'.split(' '),
);
/** RFC 5322 §2.2.3. */
const FOLDS = /\r?\n(?=[ \t])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_IN_ID = /[<>\s\0-\x1f\x7f]/;
const URL = /^[!-;=?-~]+$/;
const DATE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const MINUTE_MS = 60_000;
/** RFC 5322 §3.3 knows no earlier year. */
const FIRST_YEAR = 1900;

/** The name as the client spelt it. */
export const fieldName = (property: string): string => property.split(':')[1] ?? '';

/** Every field that this property asks for: none for null. Throws a Complaint. */
export function fieldsOf(name: string, { field, form, all }: HeaderProperty, value: unknown): readonly Field[] {
  if (name.length > NAME_LIMIT) throw new Complaint(`the name of a field has at most ${NAME_LIMIT} characters`);
  const instances = instancesOf(value, all);
  if (instances.length > 1 && (ONCE.has(field) || field.startsWith('content-'))) throw new Complaint('this field can be there only once');
  const written: Field[] = [];
  for (const instance of instances) {
    const text = inForm(field, form, instance);
    if (text !== undefined) written.push({ name: field, text: writeField(name, text) });
  }
  return written;
}

export function instancesOf(value: unknown, all: boolean): readonly unknown[] {
  if (!all) return value === null ? [] : [value];
  if (!Array.isArray(value)) throw new Complaint('must be a list');
  if (value.length > INSTANCES_LIMIT) throw new Complaint(`has at most ${INSTANCES_LIMIT} items`);
  return value;
}

/** Undefined for a list with nothing in it: then there is no field. */
function inForm(field: string, form: HeaderForm, value: unknown): string | undefined {
  switch (form) {
    case 'Raw':
      return rawOf(field, value);
    case 'Text':
      return unstructured(lineOf(value));
    case 'Addresses':
      return formatAddressList(addressesOf(value)) || undefined;
    case 'GroupedAddresses':
      return formatAddressList(groupsOf(value)) || undefined;
    case 'MessageIds':
      return idsOf(field, value);
    case 'Date':
      return dateOf(value);
    case 'URLs':
      return urlsOf(value);
  }
}

/** As it was written, unfolded. Text for people that is no ASCII is encoded all the same, so that every server takes it. */
function rawOf(field: string, value: unknown): string {
  const raw = lineOf(isText(value) && value.length <= VALUE_LIMIT ? value.replace(FOLDS, '') : value);
  const isForPeople = readHeaderProperty(`header:${field}:asText`) !== undefined;
  const isAscii = isPlainHeaderText(raw.replaceAll('=?', ''));
  return isAscii || !isForPeople ? raw : unstructured(decodedHeader(raw));
}

function listOf(value: unknown, limit: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new Complaint('must be a list');
  if (value.length > limit) throw new Complaint(`has at most ${limit} items`);
  return value;
}

/** An id without its angle brackets, as Message-ID and Content-ID hold it. */
export function bareId(value: unknown): string {
  const id = lineOf(value, ATOM_LIMIT);
  if (id === '' || NOT_IN_ID.test(id)) throw new Complaint('an id is written without angle brackets and spaces');
  return `<${id}>`;
}

function idsOf(field: string, value: unknown): string | undefined {
  const ids = listOf(value, field === 'message-id' ? 1 : REFERENCE_LIMIT);
  return ids.length === 0 ? undefined : ids.map(bareId).join(' ');
}

function urlsOf(value: unknown): string | undefined {
  const urls = listOf(value, URLS_LIMIT).map((item) => {
    const url = lineOf(item, ATOM_LIMIT);
    if (!URL.test(url)) throw new Complaint('a URL holds no spaces, angle brackets, or characters outside ASCII');
    return `<${url}>`;
  });
  return urls.length === 0 ? undefined : urls.join(', ');
}

/** RFC 8620 §1.4 Date. The zone stays as given. */
export function dateOf(value: unknown): string {
  const [, local = '', zone = ''] = DATE.exec(lineOf(value)) ?? [];
  const wall = Date.parse(`${local}Z`);
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))];
  if (local === '' || Number.isNaN(wall) || hours > 23 || minutes > 59) throw new Complaint('is no date');
  // A day the month does not have is moved on, not refused, by Date.parse of some years.
  if (new Date(wall).toISOString().slice(0, 19) !== local || Number(local.slice(0, 4)) < FIRST_YEAR) throw new Complaint('is no date');
  const zoneMinutes = zone === 'Z' ? 0 : (hours * 60 + minutes) * (zone.startsWith('-') ? -1 : 1);
  return formatDate(wall - zoneMinutes * MINUTE_MS, zoneMinutes);
}
