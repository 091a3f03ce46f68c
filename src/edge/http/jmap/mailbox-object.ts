/** The Mailbox object (RFC 8621 §2). */
import { idOf } from '../../../codec/jmap/ids.ts';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import type { MailboxId } from '../../../core/ids.ts';
import type { MailboxInfo } from '../../../service/mailboxes/mailboxes.ts';

export const MAILBOX_PROPERTIES = [
  'name',
  'parentId',
  'role',
  'sortOrder',
  'totalEmails',
  'unreadEmails',
  'totalThreads',
  'unreadThreads',
  'myRights',
  'isSubscribed',
] as const;
/** What changes with every delivery (RFC 8621 §2.2). */
export const COUNT_PROPERTIES = ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'] as const;

/** What the client's list begins with, until somebody says otherwise. */
const ORDER_OF_ROLES: readonly MailboxInfo['role'][] = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash'];
/** Behind those with a role, in steps that leave room between them. */
const ORDER_STEP = 10;

export type Counts = Readonly<{ totalEmails: number; unreadEmails: number; totalThreads: number; unreadThreads: number }>;

/** The last level of the path: names of mailboxes hold no separator. IMAP writes the Inbox in capitals; people do not. */
export const nameOf = (info: MailboxInfo): string => (info.role === 'inbox' ? 'Inbox' : info.path.slice(info.path.lastIndexOf('/') + 1));

export function sortOrderOf({ role, mailbox }: MailboxInfo, orders: ReadonlyMap<MailboxId, number>): number {
  const place = ORDER_OF_ROLES.indexOf(role);
  return orders.get(mailbox) ?? ((role === null || place < 0 ? ORDER_OF_ROLES.length : place) + 1) * ORDER_STEP;
}

/** Everything is the owner's own; only the Inbox must stay what and where it is. */
function rightsOn({ role }: MailboxInfo): JsonObject {
  const isFixed = role === 'inbox';
  return {
    mayReadItems: true,
    mayAddItems: true,
    mayRemoveItems: true,
    maySetSeen: true,
    maySetKeywords: true,
    mayCreateChild: true,
    mayRename: !isFixed,
    mayDelete: !isFixed,
    maySubmit: true,
  };
}

export function mailboxObject(info: MailboxInfo, counts: Counts, orders: ReadonlyMap<MailboxId, number>): JsonObject {
  return {
    id: idOf('mailbox', info.mailbox),
    name: nameOf(info),
    parentId: info.parent === null ? null : idOf('mailbox', info.parent),
    role: info.role,
    sortOrder: sortOrderOf(info, orders),
    ...counts,
    myRights: rightsOn(info),
    isSubscribed: info.subscribed,
  };
}
