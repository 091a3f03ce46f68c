/**
 * How the name of a mailbox is sealed, and found again without being shown.
 * Accounts (which gives birth to mailboxes) and mailboxes (which lives with
 * them) share this one file, so that both write the same bytes.
 */
import type { AccountId, MailboxId } from './ids.ts';
import type { MailboxRole } from './mailbox.ts';
import type { OwnerKey } from './ports/keyring.ts';

/** RFC 9051 §5.1: INBOX is this name in any case, at the top only. */
export const INBOX = 'INBOX';

/** What every account is born with: plain English IMAP names, which mail apps translate by role (RFC 6154). */
export const DEFAULT_MAILBOXES: readonly Readonly<{ name: string; role: MailboxRole }>[] = [
  { name: INBOX, role: 'inbox' },
  { name: 'Drafts', role: 'drafts' },
  { name: 'Sent', role: 'sent' },
  { name: 'Junk', role: 'junk' },
  { name: 'Trash', role: 'trash' },
  { name: 'Archive', role: 'archive' },
];

/** `name` is one level, without its parents. The context binds it to its mailbox: swapped rows do not open. */
export function sealName(key: OwnerKey, account: AccountId, mailbox: MailboxId, name: string): Uint8Array {
  return key.seal(name, context(account, mailbox));
}

/** Undefined when it was not sealed for this mailbox of this account. */
export function openName(key: OwnerKey, account: AccountId, mailbox: MailboxId, sealed: Uint8Array): string | undefined {
  return key.open(sealed, context(account, mailbox))?.toString('utf8');
}

/** 16 bytes that make (parent, name) unique. Two Unicode spellings of one name are one name; INBOX has no case. */
export function nameKey(key: OwnerKey, account: AccountId, parent: MailboxId | null, name: string): Uint8Array {
  const spelt = parent === null && name.toUpperCase() === INBOX ? INBOX : name.normalize('NFC');
  return key.hash(`${parent ?? ''}/${spelt}`, `mailbox-name-key/${account}`);
}

const context = (account: AccountId, mailbox: MailboxId): string => `mailbox-name/${account}/${mailbox}`;
