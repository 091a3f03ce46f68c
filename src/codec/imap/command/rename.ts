/** RENAME (RFC 9051 §6.3.6). */
import type { Cursor } from '../cursor.ts';
import { readMailbox } from '../mailbox-name.ts';

export type Rename = Readonly<{ from: string; to: string }>;

export function readRename(cursor: Cursor): Rename {
  cursor.space();
  const from = readMailbox(cursor);
  cursor.space();
  return { from, to: readMailbox(cursor) };
}
