/** The MIME tree of an email to be made (RFC 8621 §4.6): as given by bodyStructure, or as good mail programs build it. */
import { isObject, isText, type JsonObject, member } from '../json.ts';
import { inside, type Place, placeOf } from './creation-faults.ts';
import { type NewPart, type PartReading, readPart } from './part-creation.ts';

const LISTS = ['textBody', 'htmlBody', 'attachments'] as const;
const BODIES = { textBody: 'text/plain', htmlBody: 'text/html' } as const;
/** What a part is that does not say what it is. */
const FILE = 'application/octet-stream';

const EMPTY: NewPart = {
  type: 'text/plain',
  parameters: { charset: 'utf-8' },
  disposition: null,
  cid: null,
  fields: [],
  content: { kind: 'text', text: '' },
};

/** Faults are noted in `reading`; the tree is worth nothing then. */
export function bodyOf(email: JsonObject, { faults }: Pick<PartReading, 'faults'>): NewPart {
  const reading: PartReading = { faults, values: valuesOf(email, faults), count: { parts: 0 } };
  const structure = member(email, 'bodyStructure') ?? null;
  if (structure !== null) {
    for (const name of LISTS)
      if ((member(email, name) ?? null) !== null) faults.note(placeOf(name), 'cannot be given beside bodyStructure');
    return readPart(structure, placeOf('bodyStructure'), reading, { leaf: false, depth: 0 }) ?? EMPTY;
  }
  const text = bodyPart(email, 'textBody', reading);
  const html = bodyPart(email, 'htmlBody', reading);
  return treeOf({ text, html, files: attachmentsOf(email, reading) });
}

/** bodyValues by their partIds; null-prototyped names are no danger to a Map. */
function valuesOf(email: JsonObject, faults: PartReading['faults']): Map<string, string> {
  const values = new Map<string, string>();
  const given = member(email, 'bodyValues') ?? null;
  if (given === null) return values;
  const place = placeOf('bodyValues');
  if (!isObject(given)) {
    faults.note(place, 'must be an object');
    return values;
  }
  for (const [partId, one] of Object.entries(given)) readValue(values, partId, one, { faults, place: inside(place, partId) });
  return values;
}

function readValue(
  values: Map<string, string>,
  partId: string,
  one: unknown,
  { faults, place }: Readonly<{ faults: PartReading['faults']; place: Place }>,
): void {
  const text = isObject(one) ? member(one, 'value') : undefined;
  if (!isObject(one) || !isText(text)) return faults.note(place, 'must be an EmailBodyValue');
  values.set(partId, text);
  for (const [name, value] of Object.entries(one)) {
    if (name === 'value') continue;
    if (name !== 'isEncodingProblem' && name !== 'isTruncated') faults.note(inside(place, name), 'there is no such property');
    else if (value !== false) faults.note(inside(place, name), 'must be false, or left out');
  }
}

/** §4.6: exactly one part, of exactly that type. */
function bodyPart(email: JsonObject, name: keyof typeof BODIES, reading: PartReading): NewPart | undefined {
  const given = member(email, name) ?? null;
  if (given === null) return undefined;
  const place = placeOf(name);
  if (!Array.isArray(given) || given.length !== 1) return void reading.faults.note(place, 'must hold exactly one part');
  const part = readPart(given[0], inside(place, 0), reading, { leaf: true, depth: 0, type: BODIES[name] });
  if (part !== undefined && part.type !== BODIES[name]) reading.faults.note(inside(inside(place, 0), 'type'), `must be ${BODIES[name]}`);
  return part;
}

function attachmentsOf(email: JsonObject, reading: PartReading): readonly NewPart[] {
  const given = member(email, 'attachments') ?? null;
  if (given === null) return [];
  const place = placeOf('attachments');
  if (!Array.isArray(given)) {
    reading.faults.note(place, 'must be a list of parts');
    return [];
  }
  const files: NewPart[] = [];
  for (const [at, one] of given.entries()) {
    const before = reading.count.parts;
    const isText = isObject(one) && (member(one, 'partId') ?? null) !== null;
    const part = readPart(one, inside(place, at), reading, { leaf: true, depth: 0, type: isText ? 'text/plain' : FILE });
    if (part !== undefined) files.push(part);
    // Past the bound every further part would be the same complaint.
    else if (reading.count.parts > before && reading.faults.isFull) break;
  }
  return files;
}

type Letter = Readonly<{ text: NewPart | undefined; html: NewPart | undefined; files: readonly NewPart[] }>;

/**
 * mixed( alternative( text, related( html, what it shows ) ), files ): each
 * only where it is needed. What has a Content-ID and is not said to be an
 * attachment is something the HTML shows.
 */
function treeOf({ text, html, files }: Letter): NewPart {
  const isShown = ({ cid, disposition }: NewPart): boolean =>
    html !== undefined && cid !== null && (disposition === null || disposition.kind === 'inline');
  const shown = files.filter(isShown).map((part) => withDisposition(part, 'inline'));
  const others = files.filter((part) => !isShown(part)).map((part) => withDisposition(part, 'attachment'));
  const related = html === undefined || shown.length === 0 ? html : multipart('related', [html, ...shown], { type: html.type });
  const bodies = [text, related].filter((part) => part !== undefined);
  const [only = EMPTY] = bodies;
  const letter = bodies.length > 1 ? multipart('alternative', bodies) : only;
  if (others.length === 0) return letter;
  return multipart('mixed', bodies.length === 0 ? others : [letter, ...others]);
}

function withDisposition(part: NewPart, kind: 'inline' | 'attachment'): NewPart {
  if (part.disposition !== null) return part;
  const filename = part.parameters['name'];
  return { ...part, disposition: { kind, parameters: filename === undefined ? {} : { filename } } };
}

const multipart = (subtype: string, parts: readonly NewPart[], parameters: NewPart['parameters'] = {}): NewPart => ({
  type: `multipart/${subtype}`,
  parameters,
  disposition: null,
  cid: null,
  fields: [],
  content: { kind: 'multipart', parts },
});
