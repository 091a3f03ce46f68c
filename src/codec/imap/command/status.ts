/** STATUS (RFC 9051 §6.3.11, RFC 9208 §4.1.4) and the items LIST-STATUS shares with it (RFC 5819). */
import type { Cursor } from '../cursor.ts';
import { readMailbox } from '../mailbox-name.ts';

export const STATUS_ITEMS = [
  'MESSAGES',
  'RECENT',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'DELETED',
  'DELETED-STORAGE',
  'SIZE',
  'HIGHESTMODSEQ',
  'APPENDLIMIT',
] as const;

export type StatusItem = (typeof STATUS_ITEMS)[number];

export type Status = Readonly<{ mailbox: string; items: readonly StatusItem[] }>;

export function readStatus(cursor: Cursor): Status {
  cursor.space();
  const mailbox = readMailbox(cursor);
  cursor.space();
  return { mailbox, items: readStatusItems(cursor) };
}

/** `(` items `)`, each once. */
export function readStatusItems(cursor: Cursor): readonly StatusItem[] {
  const items = new Set<StatusItem>();
  cursor.list(() => {
    const word = cursor.word();
    const item = STATUS_ITEMS.find((known) => known === word);
    if (item === undefined) cursor.fail('There is no such status item');
    else items.add(item);
  });
  return [...items];
}
