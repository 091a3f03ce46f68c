/** STORE (RFC 9051 §6.4.6), with UNCHANGEDSINCE (RFC 7162 §3.1.3). */
import type { Cursor } from '../cursor.ts';
import { readFlags } from '../flag.ts';
import { type NumberSet, readNumberSet } from '../number-set.ts';

export type Store = Readonly<{
  set: NumberSet;
  unchangedSince: number | undefined;
  how: 'replace' | 'add' | 'remove';
  isSilent: boolean;
  flags: readonly string[];
}>;

export function readStore(cursor: Cursor): Store {
  cursor.space();
  const set = readNumberSet(cursor);
  cursor.space();
  const unchangedSince = cursor.sees('(') ? readUnchangedSince(cursor) : undefined;
  const how = cursor.accept('+') ? 'add' : cursor.accept('-') ? 'remove' : 'replace';
  const isSilent = cursor.acceptWord('FLAGS.SILENT');
  if (!isSilent && !cursor.acceptWord('FLAGS')) cursor.fail('Expected FLAGS');
  cursor.space();
  return { set, unchangedSince, how, isSilent, flags: readFlags(cursor) };
}

function readUnchangedSince(cursor: Cursor): number | undefined {
  let since: number | undefined;
  cursor.list(() => {
    if (since !== undefined || !cursor.acceptWord('UNCHANGEDSINCE')) return cursor.fail('Expected one UNCHANGEDSINCE');
    cursor.space();
    since = cursor.number64();
  });
  cursor.space();
  return since;
}
