/** What was changed, told to everyone who listens to an account: IDLE, push, sync, search index, web app. */
import type { AccountId, EmailId, JourneyId, MailboxId, OwnerId, ThreadId, Uid } from './ids.ts';

export type Change =
  | Readonly<{
      kind: 'added';
      account: AccountId;
      modseq: number;
      mailbox: MailboxId;
      uid: Uid;
      email: EmailId;
      /** The email came into being with this commit; false for copies and moves. */
      isNew: boolean;
      flags: number;
      keywords: readonly string[];
    }>
  | Readonly<{
      kind: 'flags';
      account: AccountId;
      modseq: number;
      mailbox: MailboxId;
      uid: Uid;
      flags: number;
      keywords: readonly string[];
    }>
  /** Ascending uids, and beside each its email. A mailbox that is deleted is emptied first, and tells so. */
  | Readonly<{
      kind: 'expunged';
      account: AccountId;
      modseq: number;
      mailbox: MailboxId;
      uids: readonly Uid[];
      emails: readonly EmailId[];
    }>
  /** Emails that are nowhere any more, and beside each its thread: right after the `expunged` that took their last place. */
  | Readonly<{ kind: 'destroyed'; account: AccountId; modseq: number; emails: readonly EmailId[]; threads: readonly ThreadId[] }>
  | Readonly<{ kind: 'mailbox'; account: AccountId; modseq: number; mailbox: MailboxId; what: 'created' | 'updated' | 'deleted' }>
  | Readonly<{ kind: 'object'; account: AccountId; modseq: number; object: string; id: number }>
  | Readonly<{ kind: 'journey'; owner: OwnerId; journey: JourneyId }>;
