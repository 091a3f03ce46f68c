/**
 * SEARCH (RFC 9051 §6.4.4) with its result options (RFC 4731, RFC 5182), MODSEQ (RFC 7162 §3.1.5),
 * OLDER and YOUNGER (RFC 5032), and the keys RFC 3501 had besides (NEW, OLD, RECENT).
 */
import { asciiLower } from '../ascii.ts';
import { type Cursor, decodeUtf8, type TextDecode } from '../cursor.ts';
import { readDay } from '../date.ts';
import { type NumberSet, readNumberSet } from '../number-set.ts';

export type SearchKey =
  | Readonly<{ by: 'all' | 'new' | 'old' | 'recent' }>
  | Readonly<{ by: 'and' | 'or'; of: readonly SearchKey[] }>
  | Readonly<{ by: 'not'; of: SearchKey }>
  | Readonly<{ by: 'numbers' | 'uids'; set: NumberSet }>
  | Readonly<{ by: 'flag' | 'keyword'; flag: string; set: boolean }>
  | Readonly<{ by: 'larger' | 'smaller'; octets: number }>
  /** `day` counts from 1 January 1970. */
  | Readonly<{ by: 'received' | 'sent'; when: 'before' | 'on' | 'since'; day: number }>
  | Readonly<{ by: 'age'; when: 'older' | 'younger'; seconds: number }>
  | Readonly<{ by: 'modseq'; from: number }>
  /** `field` in lower case. */
  | Readonly<{ by: 'header'; field: string; text: string }>
  | Readonly<{ by: 'body' | 'text'; text: string }>;

export type SearchReturn = Readonly<{ min: boolean; max: boolean; all: boolean; count: boolean; save: boolean }>;

export type Search = Readonly<{
  /** Undefined without RETURN: then the answer's form depends on the revision enabled. */
  returns: SearchReturn | undefined;
  /** The charset named, in upper case. */
  charset: string | undefined;
  /** Whether that charset is one we cannot read: the answer is NO [BADCHARSET], and the keys mean nothing. */
  isUnknownCharset: boolean;
  key: SearchKey;
}>;

/** Parentheses, NOT and OR inside one another. */
const DEPTH_LIMIT = 50;
/** Keys in one search, parentheses counted. */
const KEY_LIMIT = 900;

/** `depth` of nesting now, `count` of keys so far. */
type Walk = { depth: number; count: number };

export function readSearch(cursor: Cursor): Search {
  cursor.space();
  const returns = cursor.acceptWord('RETURN') ? readReturn(cursor) : undefined;
  const charset = cursor.acceptWord('CHARSET') ? readCharset(cursor) : undefined;
  const decode = charset === undefined ? decodeUtf8 : decoderOf(charset);
  // The rest must still be read, for the tag's sake and to tell BAD from NO.
  cursor.decode = decode ?? ((bytes) => bytes.toString('latin1'));
  const keys = readKeys(cursor, { depth: 0, count: 0 });
  return { returns, charset, isUnknownCharset: decode === undefined, key: joined(keys) };
}

const joined = (keys: readonly SearchKey[]): SearchKey => (keys.length === 1 ? keys[0] : undefined) ?? { by: 'and', of: keys };

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function readReturn(cursor: Cursor): SearchReturn {
  const returns: Writable<SearchReturn> = { min: false, max: false, all: false, count: false, save: false };
  cursor.space();
  cursor.list(() => {
    const option = asciiLower(cursor.word());
    if (option === 'min' || option === 'max' || option === 'all' || option === 'count' || option === 'save') returns[option] = true;
    else cursor.fail('There is no such result option');
  }, 0);
  cursor.space();
  // RFC 9051 §6.4.4: an empty list means ALL.
  if (!returns.min && !returns.max && !returns.count && !returns.save) returns.all = true;
  return returns;
}

function readCharset(cursor: Cursor): string {
  cursor.space();
  const charset = cursor.astring().toUpperCase();
  cursor.space();
  return charset;
}

/** Beyond the two that must be there (RFC 9051 §6.4.4), whatever the runtime can decode; undefined for others. */
function decoderOf(charset: string): TextDecode | undefined {
  if (charset === 'UTF-8' || charset === 'US-ASCII') return decodeUtf8;
  try {
    const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
    return (bytes) => decodeWith(decoder, bytes);
  } catch {
    return undefined; // The only error here: a name TextDecoder does not know.
  }
}

function decodeWith(decoder: TextDecoder, bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined; // The only error here: octets that are not of the charset.
  }
}

function readKeys(cursor: Cursor, walk: Walk): SearchKey[] {
  const keys: SearchKey[] = [];
  do keys.push(readKey(cursor, walk));
  while (cursor.accept(' '));
  return keys;
}

function readKey(cursor: Cursor, walk: Walk): SearchKey {
  if (++walk.count > KEY_LIMIT) cursor.fail('Too many search keys');
  if (walk.depth >= DEPTH_LIMIT) cursor.fail('The search is nested too deeply');
  if (cursor.fault !== undefined) return ALL;
  if (cursor.sees('(')) return readGroup(cursor, walk);
  if (startsNumbers(cursor.peek())) return { by: 'numbers', set: readNumberSet(cursor) };
  return readNamedKey(cursor, walk);
}

const ALL: SearchKey = { by: 'all' };

function readGroup(cursor: Cursor, walk: Walk): SearchKey {
  walk.depth++;
  const keys = cursor.list(() => readKey(cursor, walk));
  walk.depth--;
  return joined(keys);
}

/** A digit, `*` or `$`. */
const startsNumbers = (byte: number): boolean => (byte >= 0x30 && byte <= 0x39) || byte === 0x2a || byte === 0x24;

type KeyReader = (cursor: Cursor, walk: Walk) => SearchKey;

const plain =
  (by: 'all' | 'new' | 'old' | 'recent'): KeyReader =>
  () => ({ by });
const flag =
  (name: string, set: boolean): KeyReader =>
  () => ({ by: 'flag', flag: name, set });
const keyword =
  (set: boolean): KeyReader =>
  (cursor) => ({ by: 'keyword', flag: spaced(cursor, () => cursor.atom()), set });
const header =
  (field: string): KeyReader =>
  (cursor) => ({ by: 'header', field, text: spaced(cursor, () => cursor.astring()) });
const text =
  (by: 'body' | 'text'): KeyReader =>
  (cursor) => ({ by, text: spaced(cursor, () => cursor.astring()) });
const size =
  (by: 'larger' | 'smaller'): KeyReader =>
  (cursor) => ({ by, octets: spaced(cursor, () => cursor.number64()) });
const date =
  (by: 'received' | 'sent', when: 'before' | 'on' | 'since'): KeyReader =>
  (cursor) => ({ by, when, day: spaced(cursor, () => readDay(cursor)) });
const age =
  (when: 'older' | 'younger'): KeyReader =>
  (cursor) => ({ by: 'age', when, seconds: spaced(cursor, () => cursor.nzNumber()) });

function spaced<T>(cursor: Cursor, read: () => T): T {
  cursor.space();
  return read();
}

function nested(cursor: Cursor, walk: Walk): SearchKey {
  walk.depth++;
  cursor.space();
  const key = readKey(cursor, walk);
  walk.depth--;
  return key;
}

function readHeader(cursor: Cursor): SearchKey {
  cursor.space();
  const field = asciiLower(cursor.astring());
  return { by: 'header', field, text: spaced(cursor, () => cursor.astring()) };
}

/** The entry name and type of RFC 7162 §3.1.5 are read and set aside: all flags of a message share its mod-sequence. */
function readModseq(cursor: Cursor): SearchKey {
  cursor.space();
  if (cursor.sees('"')) {
    if (!cursor.string().startsWith('/flags/')) cursor.fail('There is no such entry');
    cursor.space();
    if (!['PRIV', 'SHARED', 'ALL'].includes(cursor.word())) cursor.fail('There is no such entry type');
    cursor.space();
  }
  return { by: 'modseq', from: cursor.number64() };
}

const KEYS: ReadonlyMap<string, KeyReader> = new Map<string, KeyReader>([
  ['ALL', plain('all')],
  ['ANSWERED', flag('\\Answered', true)],
  ['BCC', header('bcc')],
  ['BEFORE', date('received', 'before')],
  ['BODY', text('body')],
  ['CC', header('cc')],
  ['DELETED', flag('\\Deleted', true)],
  ['DRAFT', flag('\\Draft', true)],
  ['FLAGGED', flag('\\Flagged', true)],
  ['FROM', header('from')],
  ['HEADER', readHeader],
  ['KEYWORD', keyword(true)],
  ['LARGER', size('larger')],
  ['MODSEQ', readModseq],
  ['NEW', plain('new')],
  ['NOT', (cursor, walk) => ({ by: 'not', of: nested(cursor, walk) })],
  ['OLD', plain('old')],
  ['OLDER', age('older')],
  ['ON', date('received', 'on')],
  ['OR', (cursor, walk) => ({ by: 'or', of: [nested(cursor, walk), nested(cursor, walk)] })],
  ['RECENT', plain('recent')],
  ['SEEN', flag('\\Seen', true)],
  ['SENTBEFORE', date('sent', 'before')],
  ['SENTON', date('sent', 'on')],
  ['SENTSINCE', date('sent', 'since')],
  ['SINCE', date('received', 'since')],
  ['SMALLER', size('smaller')],
  ['SUBJECT', header('subject')],
  ['TEXT', text('text')],
  ['TO', header('to')],
  ['UID', (cursor) => ({ by: 'uids', set: spaced(cursor, () => readNumberSet(cursor)) })],
  ['UNANSWERED', flag('\\Answered', false)],
  ['UNDELETED', flag('\\Deleted', false)],
  ['UNDRAFT', flag('\\Draft', false)],
  ['UNFLAGGED', flag('\\Flagged', false)],
  ['UNKEYWORD', keyword(false)],
  ['UNSEEN', flag('\\Seen', false)],
  ['YOUNGER', age('younger')],
]);

function readNamedKey(cursor: Cursor, walk: Walk): SearchKey {
  const read = KEYS.get(cursor.word());
  if (read === undefined) cursor.fail('There is no such search key');
  return read?.(cursor, walk) ?? ALL;
}
