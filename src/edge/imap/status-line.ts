/** The STATUS response (RFC 9051 §7.3.3), which LIST-STATUS gives too. */
import type { StatusItem } from '../../codec/imap/command/status.ts';
import type { MailboxInfo } from '../../service/mailboxes/mailboxes.ts';
import type { Client } from './client.ts';
import { wireName } from './list-line.ts';

export function statusLine(client: Client, info: MailboxInfo, items: readonly StatusItem[]): string {
  if (items.includes('HIGHESTMODSEQ')) client.enabled.condstore = true;
  return `STATUS ${wireName(client, info.path)} (${items.map((item) => `${item} ${valueOf(item, info, client)}`).join(' ')})`;
}

function valueOf(item: StatusItem, info: MailboxInfo, client: Client): number {
  switch (item) {
    case 'MESSAGES':
      return info.total;
    case 'RECENT':
      return 0;
    case 'UIDNEXT':
      return info.uidNext;
    case 'UIDVALIDITY':
      return info.uidValidity;
    case 'UNSEEN':
      return info.unseen;
    case 'DELETED':
      return info.deleted;
    case 'SIZE':
      return info.size;
    case 'HIGHESTMODSEQ':
      return Math.max(1, info.highestModseq);
    case 'APPENDLIMIT':
      return client.host.messageLimit;
  }
}
