/** ID (RFC 2971): what a client says it is. */
import type { Cursor } from '../cursor.ts';

/** RFC 2971 §3.3: at most 30 pairs, names of 30 octets, values of 1024. */
const PAIR_LIMIT = 30;
const NAME_LIMIT = 30;
const VALUE_LIMIT = 1024;

export type ClientId = ReadonlyMap<string, string | undefined>;

export function readId(cursor: Cursor): ClientId {
  const pairs = new Map<string, string | undefined>();
  cursor.space();
  if (!cursor.sees('(')) {
    if (cursor.nstring() !== undefined) cursor.fail('Expected a list or NIL');
    return pairs;
  }
  cursor.list(() => readPair(cursor, pairs), 0);
  if (pairs.size > PAIR_LIMIT) cursor.fail('Too many pairs');
  return pairs;
}

function readPair(cursor: Cursor, pairs: Map<string, string | undefined>): void {
  const name = cursor.string();
  cursor.space();
  const value = cursor.nstring();
  if (name.length > NAME_LIMIT || (value?.length ?? 0) > VALUE_LIMIT) cursor.fail('That is too long');
  pairs.set(name, value);
}
