/** SELECT and EXAMINE (RFC 9051 §6.3.2) with parameters (RFC 4466 §2.4): CONDSTORE (RFC 7162 §3.1.8). */
import type { Cursor } from '../cursor.ts';
import { readMailbox } from '../mailbox-name.ts';

export type Select = Readonly<{ mailbox: string; condstore: boolean }>;

export function readSelect(cursor: Cursor): Select {
  cursor.space();
  const mailbox = readMailbox(cursor);
  let condstore = false;
  if (cursor.accept(' ')) {
    cursor.list(() => {
      if (cursor.acceptWord('CONDSTORE')) condstore = true;
      else cursor.fail('There is no such parameter');
    });
  }
  return { mailbox, condstore };
}
