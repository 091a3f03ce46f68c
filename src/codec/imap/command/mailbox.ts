/** Commands that take one mailbox: DELETE, SUBSCRIBE, UNSUBSCRIBE (RFC 9051 §6.3.5 to §6.3.8). */
import type { Cursor } from '../cursor.ts';
import { readMailbox } from '../mailbox-name.ts';

export type MailboxArgument = Readonly<{ mailbox: string }>;

export function readMailboxArgument(cursor: Cursor): MailboxArgument {
  cursor.space();
  return { mailbox: readMailbox(cursor) };
}
