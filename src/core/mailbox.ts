/** Mailboxes and the flags on what is in them. */
import type { MailboxId } from './ids.ts';

/** RFC 6154 roles; every account is born with the first six. */
export type MailboxRole = 'inbox' | 'drafts' | 'sent' | 'junk' | 'trash' | 'archive' | 'all' | 'flagged' | 'important';

/** System flags as bits (RFC 9051 §2.3.2). Keywords are kept beside them as words. */
export const FLAG = { seen: 1, answered: 2, flagged: 4, deleted: 8, draft: 16 } as const;
export const ALL_FLAGS = 31;

/** A mailbox as the store keeps it; the name is sealed, `nameKey` a keyed hash that makes (parent, name) unique. */
export type MailboxRow = Readonly<{
  mailbox: MailboxId;
  parent: MailboxId | null;
  nameKey: Uint8Array;
  name: Uint8Array;
  role: MailboxRole | null;
  subscribed: boolean;
  uidValidity: number;
  uidNext: number;
  highestModseq: number;
  total: number;
  unseen: number;
  deleted: number;
  /** Octets of all messages in it. */
  size: number;
}>;
