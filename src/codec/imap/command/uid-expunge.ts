/** UID EXPUNGE (RFC 9051 §6.4.9). */
import type { Cursor } from '../cursor.ts';
import { type NumberSet, readNumberSet } from '../number-set.ts';

export type UidExpunge = Readonly<{ set: NumberSet }>;

export function readUidExpunge(cursor: Cursor): UidExpunge {
  cursor.space();
  return { set: readNumberSet(cursor) };
}
