/** FETCH (RFC 9051 §6.4.5), with MODSEQ and CHANGEDSINCE (RFC 7162 §3.1.4) and the names RFC 3501 had for sections. */
import type { Cursor } from '../cursor.ts';
import { type NumberSet, readNumberSet } from '../number-set.ts';
import { type Partial, readPart, readPartial, readSection, type Section, sectionLabel } from '../section.ts';

export type FetchItem =
  | Readonly<{ get: 'flags' | 'uid' | 'internalDate' | 'size' | 'envelope' | 'modseq' }>
  | Readonly<{ get: 'structure'; isExtended: boolean }>
  /** `label` is the name to answer by, without the partial's origin. */
  | Readonly<{ get: 'section'; label: string; section: Section; partial: Partial | undefined; marksSeen: boolean }>
  | Readonly<{ get: 'binary'; label: string; part: readonly number[]; partial: Partial | undefined; marksSeen: boolean }>
  | Readonly<{ get: 'binarySize'; label: string; part: readonly number[] }>;

export type Fetch = Readonly<{ set: NumberSet; items: readonly FetchItem[]; changedSince: number | undefined }>;

/** Items in one FETCH. */
const ITEM_LIMIT = 100;

export function readFetch(cursor: Cursor): Fetch {
  cursor.space();
  const set = readNumberSet(cursor);
  cursor.space();
  const items = cursor.sees('(') ? cursor.list(() => readItem(cursor)) : readMacroOrItem(cursor);
  if (items.length > ITEM_LIMIT) cursor.fail('Too many items');
  return { set, items, changedSince: cursor.accept(' ') ? readModifiers(cursor) : undefined };
}

function readModifiers(cursor: Cursor): number | undefined {
  let since: number | undefined;
  cursor.list(() => {
    if (since !== undefined || !cursor.acceptWord('CHANGEDSINCE')) return cursor.fail('Expected one CHANGEDSINCE');
    cursor.space();
    since = cursor.number64();
  });
  return since;
}

const FLAGS: FetchItem = { get: 'flags' };
const FAST: readonly FetchItem[] = [FLAGS, { get: 'internalDate' }, { get: 'size' }];
const ALL: readonly FetchItem[] = [...FAST, { get: 'envelope' }];
const FULL: readonly FetchItem[] = [...ALL, { get: 'structure', isExtended: false }];

function readMacroOrItem(cursor: Cursor): readonly FetchItem[] {
  if (cursor.acceptWord('ALL')) return ALL;
  if (cursor.acceptWord('FAST')) return FAST;
  return cursor.acceptWord('FULL') ? FULL : [readItem(cursor)];
}

/** Items that are a word and nothing more. RFC822.HEADER does not set \Seen (RFC 3501 §6.4.5), its kin do. */
const WORDS: ReadonlyMap<string, FetchItem> = new Map<string, FetchItem>([
  ['FLAGS', FLAGS],
  ['UID', { get: 'uid' }],
  ['INTERNALDATE', { get: 'internalDate' }],
  ['RFC822.SIZE', { get: 'size' }],
  ['ENVELOPE', { get: 'envelope' }],
  ['MODSEQ', { get: 'modseq' }],
  ['BODYSTRUCTURE', { get: 'structure', isExtended: true }],
  ['RFC822', old('RFC822', 'all', true)],
  ['RFC822.HEADER', old('RFC822.HEADER', 'header', false)],
  ['RFC822.TEXT', old('RFC822.TEXT', 'text', true)],
]);

function old(label: string, text: 'all' | 'header' | 'text', marksSeen: boolean): FetchItem {
  return { get: 'section', label, section: { part: [], text, fields: [] }, partial: undefined, marksSeen };
}

function readItem(cursor: Cursor): FetchItem {
  const word = cursor.word();
  const item = WORDS.get(word);
  if (item !== undefined) return item;
  switch (word) {
    case 'BODY':
    case 'BODY.PEEK':
      return readBody(cursor, word === 'BODY');
    case 'BINARY':
    case 'BINARY.PEEK':
      return readBinary(cursor, word === 'BINARY');
    case 'BINARY.SIZE':
      return readBinarySize(cursor);
    default:
      cursor.fail('There is no such item');
      return FLAGS;
  }
}

function readBody(cursor: Cursor, marksSeen: boolean): FetchItem {
  if (marksSeen && !cursor.sees('[')) return { get: 'structure', isExtended: false };
  const section = readSection(cursor);
  return { get: 'section', label: `BODY[${sectionLabel(section)}]`, section, partial: readPartial(cursor), marksSeen };
}

function readBinary(cursor: Cursor, marksSeen: boolean): FetchItem {
  const part = readPart(cursor);
  return { get: 'binary', label: `BINARY[${part.join('.')}]`, part, partial: readPartial(cursor), marksSeen };
}

function readBinarySize(cursor: Cursor): FetchItem {
  const part = readPart(cursor);
  return { get: 'binarySize', label: `BINARY.SIZE[${part.join('.')}]`, part };
}
