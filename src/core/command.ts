/**
 * Everything that may be written to an account, as plain values. A batch of
 * these is applied together or not at all (core/ports/store.ts).
 */
import type { AccountId, BlobId, EmailId, JourneyId, MailboxId, OwnerId, QueueId, QueueItemId, ThreadId, Uid, UploadId } from './ids.ts';
import type { MailboxRole } from './mailbox.ts';

/** Bytes sealed with the owner's key (lib/seal.ts): opaque to the store. */
export type Sealed = Uint8Array;

/**
 * Where a message's sealed octets come from: already durable, or handed along
 * to be made durable in the same commit. `sealed` is the output of
 * lib/body-cipher.ts, in the pieces it came in, so that nobody copies it just
 * to join them; the store never has its key.
 */
export type BodySource =
  | Readonly<{ kind: 'stored'; blob: BlobId }>
  | Readonly<{ kind: 'inline'; blob: BlobId; sealed: readonly Uint8Array[] }>;

/** UIDs as a sorted list of disjoint inclusive ranges. */
export type UidSet = readonly (readonly [number, number])[];

export type Placement = Readonly<{ mailbox: MailboxId; flags: number; keywords: readonly string[] }>;

/** What one row of a journey carries: one or more Steps sealed together (service/journey). */
export type StepRow = Readonly<{
  owner: OwnerId;
  journey: JourneyId /** From IdMaker: orders rows within a journey. */;
  seq: number;
  at: number;
  sealed: Sealed;
}>;

export type QueuedRecipient = Readonly<{
  item: QueueItemId /** Keyed hash of where it goes: items of one lane share a destination. */;
  lane: number;
  dueAt: number;
  held: boolean;
  sealed: Sealed;
}>;

/** A message that leaves the house. Everything that names anybody is sealed with the owner's key. */
export type QueuedMessage = Readonly<{
  queue: QueueId;
  owner: OwnerId;
  body: BodySource;
  /** Octets of the plain message. */
  size: number;
  acceptedAt: number;
  expiresAt: number;
  sealed: Sealed;
  recipients: readonly QueuedRecipient[];
}>;

export type Command =
  | Readonly<{
      do: 'addEmail';
      email: EmailId;
      thread: ThreadId;
      body: BodySource;
      size: number;
      receivedAt: number;
      meta: Sealed;
      into: readonly Placement[];
    }>
  | Readonly<{
      do: 'setFlags';
      mailbox: MailboxId;
      uids: UidSet;
      /** Bits and keywords put on; with `replace` everything else is taken off. */
      add: number;
      addKeywords: readonly string[];
      remove: number;
      removeKeywords: readonly string[];
      replace: boolean;
      /** RFC 7162 §3.1.3: leave alone, and report, what changed after this modseq. */
      unchangedSince: number | null;
    }>
  | Readonly<{ do: 'copy' | 'move'; from: MailboxId; uids: UidSet; to: MailboxId }>
  /** Removes entries (with `onlyDeleted`, those flagged \Deleted); an email without entries is destroyed with its key. */
  | Readonly<{ do: 'expunge'; mailbox: MailboxId; uids: UidSet; onlyDeleted: boolean }>
  | Readonly<{
      do: 'createMailbox';
      mailbox: MailboxId;
      parent: MailboxId | null;
      nameKey: Uint8Array;
      name: Sealed;
      role: MailboxRole | null;
      subscribed: boolean;
      uidValidity: number;
    }>
  | Readonly<{
      do: 'updateMailbox';
      mailbox: MailboxId;
      place?: Readonly<{ parent: MailboxId | null; nameKey: Uint8Array; name: Sealed }>;
      role?: MailboxRole | null;
      subscribed?: boolean;
    }>
  | Readonly<{ do: 'deleteMailbox'; mailbox: MailboxId }>
  /** Small sealed things: subscriptions to absent names, identities, scripts, later contacts and events. `value` null removes. */
  | Readonly<{ do: 'putObject'; object: ObjectKind; id: number; value: Sealed | null }>
  /**
   * Keeps octets for a while (UPLOAD_KEPT_MS in core/ports/store.ts), apart from
   * the quota but bounded. `size` is the plain octets; `meta` holds the body's
   * key. Nobody is told, and no modseq is taken.
   */
  | Readonly<{ do: 'addUpload'; upload: UploadId; body: BodySource; size: number; at: number; meta: Sealed }>
  /** One that is not there is no matter. Emails made from it keep the body. */
  | Readonly<{ do: 'dropUpload'; upload: UploadId }>
  | Readonly<{ do: 'enqueue'; message: QueuedMessage }>
  /** Only for this account, or for its organisation. */
  | Readonly<{ do: 'step'; row: StepRow }>;

export type ObjectKind = 'subscription' | 'identity' | 'submission' | 'script' | 'preference' | 'push' | 'mailboxOrder';

export type Placed = Readonly<{ mailbox: MailboxId; uid: Uid; uidValidity: number }>;
export type FlagsNow = Readonly<{ uid: Uid; flags: number; keywords: readonly string[]; modseq: number }>;

/** What each command did, in the order of the batch. */
export type CommandResult =
  | Readonly<{ did: 'addEmail'; placed: readonly Placed[] }>
  | Readonly<{ did: 'setFlags'; changed: readonly FlagsNow[] /** Held back by unchangedSince. */; modified: readonly Uid[] }>
  | Readonly<{ did: 'copy' | 'move'; uidValidity: number; from: readonly Uid[]; to: readonly Uid[] }>
  | Readonly<{ did: 'expunge'; uids: readonly Uid[] }>
  | Readonly<{ did: 'createMailbox' | 'updateMailbox' | 'deleteMailbox' | 'putObject' | 'addUpload' | 'dropUpload' | 'enqueue' | 'step' }>;

/** One account's share of a commit that concerns several. */
export type AccountWrite = Readonly<{ account: AccountId; batch: readonly Command[]; effectId?: Uint8Array }>;
