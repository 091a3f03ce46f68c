/** LIST in its basic and extended forms (RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154 §5), and LSUB (RFC 3501 §6.3.9). */
import type { Cursor } from '../cursor.ts';
import { fromWire } from '../mailbox-name.ts';
import { readStatusItems, type StatusItem } from './status.ts';

export type ListSelection = Readonly<{ subscribed: boolean; specialUse: boolean; recursive: boolean; remote: boolean }>;
export type ListReturn = Readonly<{ subscribed: boolean; children: boolean; specialUse: boolean; status: readonly StatusItem[] }>;

export type List = Readonly<{
  /** Whether any part of the extended form was used: then an empty pattern has no special meaning. */
  isExtended: boolean;
  selection: ListSelection;
  reference: string;
  patterns: readonly string[];
  returns: ListReturn;
}>;

export type Lsub = Readonly<{ reference: string; pattern: string }>;

/** Patterns in one LIST. */
const PATTERN_LIMIT = 20;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export function readLsub(cursor: Cursor): Lsub {
  cursor.space();
  const reference = fromWire(cursor, cursor.astring());
  cursor.space();
  return { reference, pattern: readPattern(cursor) };
}

export function readList(cursor: Cursor): List {
  cursor.space();
  const hasSelection = cursor.sees('(');
  const selection = hasSelection ? readSelection(cursor) : NO_SELECTION;
  if (hasSelection) cursor.space();
  const reference = fromWire(cursor, cursor.astring());
  cursor.space();
  const isList = cursor.sees('(');
  const patterns = isList ? cursor.list(() => readPattern(cursor)) : [readPattern(cursor)];
  if (patterns.length > PATTERN_LIMIT) cursor.fail('Too many patterns');
  const hasReturn = cursor.accept(' ');
  const returns = hasReturn ? readReturns(cursor) : NO_RETURNS;
  return { isExtended: hasSelection || isList || hasReturn, selection, reference, patterns, returns };
}

const NO_SELECTION: ListSelection = { subscribed: false, specialUse: false, recursive: false, remote: false };
const NO_RETURNS: ListReturn = { subscribed: false, children: false, specialUse: false, status: [] };

/**
 * Wildcards survive modified UTF-7, but a pattern may cut a shifted run in half: what cannot be
 * read is taken as it stands, and then matches nothing.
 */
function readPattern(cursor: Cursor): string {
  const wire = cursor.listMailbox();
  if (cursor.utf8 || !wire.includes('&')) return wire.normalize('NFC');
  return wire
    .split(/([*%])/)
    .map((piece) => (piece.includes('&') ? fromWire(cursor, piece) : piece))
    .join('');
}

function readSelection(cursor: Cursor): ListSelection {
  const selection: Writable<ListSelection> = { ...NO_SELECTION };
  cursor.list(() => readSelectionOption(cursor, selection), 0);
  if (selection.recursive && !selection.subscribed && !selection.specialUse) cursor.fail('RECURSIVEMATCH needs another selection option');
  return selection;
}

function readSelectionOption(cursor: Cursor, selection: Writable<ListSelection>): void {
  switch (cursor.word()) {
    case 'SUBSCRIBED':
      selection.subscribed = true;
      break;
    case 'SPECIAL-USE':
      selection.specialUse = true;
      break;
    case 'RECURSIVEMATCH':
      selection.recursive = true;
      break;
    case 'REMOTE':
      selection.remote = true;
      break;
    default:
      cursor.fail('There is no such selection option');
  }
}

function readReturns(cursor: Cursor): ListReturn {
  const returns: Writable<ListReturn> = { ...NO_RETURNS };
  if (!cursor.acceptWord('RETURN')) cursor.fail('Expected RETURN');
  cursor.space();
  cursor.list(() => readReturnOption(cursor, returns), 0);
  return returns;
}

function readReturnOption(cursor: Cursor, returns: Writable<ListReturn>): void {
  switch (cursor.word()) {
    case 'SUBSCRIBED':
      returns.subscribed = true;
      break;
    case 'CHILDREN':
      returns.children = true;
      break;
    case 'SPECIAL-USE':
      returns.specialUse = true;
      break;
    case 'STATUS':
      cursor.space();
      returns.status = readStatusItems(cursor);
      break;
    default:
      cursor.fail('There is no such return option');
  }
}
