/** The STATUS response (RFC 9051 §7.3.3), which LIST-STATUS gives too. */
import type { StatusItem } from '../../codec/imap/command/status.ts';
import { FLAG } from '../../core/mailbox.ts';
import { isRefusal } from '../../core/refusal.ts';
import { type MailboxInfo, MESSAGES_AT_ONCE } from '../../service/mailboxes/mailboxes.ts';
import type { Client } from './client.ts';
import { wireName } from './list-line.ts';

/** The unit of STORAGE (RFC 9208 §5.1). */
export const KIBIBYTE = 1024;

export async function statusLine(client: Client, info: MailboxInfo, items: readonly StatusItem[]): Promise<string> {
  if (items.includes('HIGHESTMODSEQ')) client.enabled.condstore = true;
  const values: string[] = [];
  for (const item of items)
    values.push(`${item} ${item === 'DELETED-STORAGE' ? await deletedStorage(client, info) : valueOf(item, info, client)}`);
  return `STATUS ${wireName(client, info.path)} (${values.join(' ')})`;
}

/** What an EXPUNGE would free (RFC 9208 §4.1.4): the one item that is not known without looking. */
async function deletedStorage(client: Client, info: MailboxInfo): Promise<number> {
  const open = info.deleted === 0 ? undefined : await client.mail.select(info.mailbox);
  if (open === undefined || isRefusal(open)) return 0;
  try {
    const uids = await open.search({ by: 'flag', flag: FLAG.deleted, set: true }, client.wire.signal);
    let octets = 0;
    for (let at = 0; at < uids.length; at += MESSAGES_AT_ONCE) {
      for (const { size } of await open.messages([...uids.subarray(at, at + MESSAGES_AT_ONCE)])) octets += size;
    }
    return Math.ceil(octets / KIBIBYTE);
  } finally {
    open.close();
  }
}

function valueOf(item: Exclude<StatusItem, 'DELETED-STORAGE'>, info: MailboxInfo, client: Client): number {
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
