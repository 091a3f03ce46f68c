/** What was changed, told to everyone who listens to an account: IDLE, push, sync, search index, web app. */
import type { AccountId, EmailId, JourneyId, MailboxId, OwnerId, Uid } from './ids.ts';

export type Change =
  | Readonly<{
      kind: 'added';
      account: AccountId;
      modseq: number;
      mailbox: MailboxId;
      uid: Uid;
      email: EmailId;
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
  | Readonly<{ kind: 'expunged'; account: AccountId; modseq: number; mailbox: MailboxId; uids: readonly Uid[] }>
  | Readonly<{ kind: 'mailbox'; account: AccountId; modseq: number; mailbox: MailboxId; what: 'created' | 'updated' | 'deleted' }>
  | Readonly<{ kind: 'object'; account: AccountId; modseq: number; object: string; id: number }>
  | Readonly<{ kind: 'journey'; owner: OwnerId; journey: JourneyId }>;
