/** COPY and MOVE (RFC 9051 §6.4.7, §6.4.8). */
import type { Cursor } from '../cursor.ts';
import { readMailbox } from '../mailbox-name.ts';
import { type NumberSet, readNumberSet } from '../number-set.ts';

export type Copy = Readonly<{ set: NumberSet; mailbox: string }>;

export function readCopy(cursor: Cursor): Copy {
  cursor.space();
  const set = readNumberSet(cursor);
  cursor.space();
  return { set, mailbox: readMailbox(cursor) };
}
