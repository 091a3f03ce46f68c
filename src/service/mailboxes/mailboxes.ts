/**
 * The door of mailboxes: the one mail API under IMAP, JMAP, POP3 and the
 * pipeline. Names are unsealed here and nowhere else; open mailboxes are
 * columns in memory, shared by all sessions on them and kept current by
 * Changes.
 */
import type { MessageStructure } from '../../codec/mime/structure.ts';
import type { Change } from '../../core/change.ts';
import type { FlagsNow, UidSet } from '../../core/command.ts';
import type { AccountId, EmailId, MailboxId, ThreadId, Uid, UploadId } from '../../core/ids.ts';
import type { MailboxRole } from '../../core/mailbox.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { MailIndex } from './mail-index.ts';

export { MessageGone } from './bodies.ts';
export { addEmailCommand, type EmailToFile, threadOf } from './file.ts';
export { DEFAULT_LIMITS, EMAILS_AT_ONCE, MESSAGES_AT_ONCE, type MailLimits } from './limits.ts';
export { openMeta, sealMeta } from './meta.ts';
export type { ChangedIds, ChangedMailboxes, IndexedEmail, IndexState, MailboxCounts, MailIndex } from './mail-index.ts';
export { type MailboxesParts, openMailboxes } from './open-mailboxes.ts';
export { SealedObjects } from './sealed-objects.ts';

/** A mailbox with its whole path (`Work/2026`), as of now. INBOX is spelt so. */
export type MailboxInfo = Readonly<{
  mailbox: MailboxId;
  path: string;
  parent: MailboxId | null;
  role: MailboxRole | null;
  subscribed: boolean;
  hasChildren: boolean;
  uidValidity: number;
  uidNext: number;
  highestModseq: number;
  total: number;
  unseen: number;
  deleted: number;
  size: number;
}>;

/** A message, unsealed. `read` gives plain octets [from, to); it throws MessageGone (a Fault) when the message was expunged meanwhile. */
export type Message = Readonly<{
  email: EmailId;
  thread: ThreadId;
  size: number;
  receivedAt: number;
  structure: MessageStructure;
  read(from: number, to: number): Promise<Buffer>;
}>;

/** The columns of an open mailbox, by ascending uid. A row number is good until the next await. */
export interface Columns {
  readonly count: number;
  /** The first `count` are valid. Do not keep: it is replaced when it grows. */
  readonly uids: Float64Array;
  flags(row: number): number;
  modseq(row: number): number;
  email(row: number): EmailId;
  keywords(row: number): readonly string[];
  /** −1 when there is no such uid. */
  rowOf(uid: number): number;
  /** Keywords in use in this mailbox. */
  keywordsInUse(): readonly string[];
}

export type FlagChange = Readonly<{
  mode: 'add' | 'remove' | 'replace';
  flags: number;
  keywords: readonly string[];
  unchangedSince: number | null;
}>;

/** What SEARCH asks, sequence numbers already turned into UIDs by the edge. Text is compared caseless, by Unicode folding, substrings included. */
export type Criterion =
  | Readonly<{ by: 'all' }>
  | Readonly<{ by: 'and' | 'or'; of: readonly Criterion[] }>
  | Readonly<{ by: 'not'; of: Criterion }>
  | Readonly<{ by: 'uids'; uids: UidSet }>
  | Readonly<{ by: 'flag'; flag: number; set: boolean }>
  | Readonly<{ by: 'keyword'; keyword: string; set: boolean }>
  | Readonly<{ by: 'larger' | 'smaller'; octets: number }>
  /** Days as midnight UTC (ms), compared without time or zone (RFC 9051 §6.4.4). `sent` is the Date field. */
  | Readonly<{ by: 'received' | 'sent'; when: 'before' | 'on' | 'since'; day: number }>
  /** RFC 5032: seconds before now. */
  | Readonly<{ by: 'age'; when: 'older' | 'younger'; seconds: number }>
  | Readonly<{ by: 'modseq'; from: number }>
  | Readonly<{ by: 'email'; email: EmailId }>
  /** What the asker knows of a message itself, by its id or by its structure. */
  | Readonly<{ by: 'holds'; holds(email: EmailId): boolean }>
  | Readonly<{ by: 'structure'; holds(structure: MessageStructure): boolean }>
  | Readonly<{ by: 'thread'; thread: ThreadId }>
  /** Empty text: the field exists. `from`, `to`, `cc`, `bcc`, `subject` are header fields too, read from the envelope. */
  | Readonly<{ by: 'header'; field: string; text: string }>
  | Readonly<{ by: 'body' | 'text'; text: string }>;

/** An open mailbox. Writes resolve after the commit, and after `columns` shows them. */
export interface OpenMailbox {
  readonly mailbox: MailboxId;
  readonly info: MailboxInfo;
  readonly columns: Columns;
  /** In the order asked; UIDs that are gone are left out. At most MESSAGES_AT_ONCE. */
  messages(uids: readonly number[]): Promise<readonly (Message & Readonly<{ uid: Uid }>)[]>;
  setFlags(uids: UidSet, change: FlagChange): Promise<Readonly<{ changed: readonly FlagsNow[]; modified: readonly Uid[] }> | Refusal>;
  copy(uids: UidSet, to: MailboxId): Promise<Copied | Refusal>;
  move(uids: UidSet, to: MailboxId): Promise<Copied | Refusal>;
  expunge(uids: UidSet, onlyDeleted: boolean): Promise<readonly Uid[]>;
  /** Matching UIDs, ascending. Stops with `tooManyErrors`-free silence when aborted. */
  search(criterion: Criterion, signal?: AbortSignal): Promise<Float64Array>;
  close(): void;
}

export type Copied = Readonly<{ uidValidity: number; from: readonly Uid[]; to: readonly Uid[] }>;

/** One message being appended: streamed in, then staged; `appendAll` makes the staged ones appear together. */
export interface Staging {
  /** A promise where the writer must wait (back-pressure). The bytes are handed over: not to be written to afterwards. */
  write(bytes: Uint8Array): void | Promise<void>;
  finish(): Promise<Staged | Refusal>;
  /** Before or after `finish`: nothing is kept. */
  abort(): Promise<void>;
}
export type Staged = Readonly<{ staged: unknown }>;

/** What was handed in and has no place yet (RFC 8620 §6.1). */
export type Upload = Readonly<{
  upload: UploadId;
  /** Octets. */
  size: number;
  /** Its media type, as given. */
  type: string;
  /** Plain octets [from, to); undefined when it went away meanwhile. */
  read(from: number, to: number): Promise<Buffer | undefined>;
}>;

/** All of them, or only what is added and taken away. */
export type ItemsChange<Item> = Readonly<{ set: readonly Item[] }> | Readonly<{ add?: readonly Item[]; remove?: readonly Item[] }>;
/** Keywords as JMAP has them, in any case; mailboxes of which one at least must remain. */
export type EmailUpdate = Readonly<{ email: EmailId; keywords?: ItemsChange<string>; mailboxes?: ItemsChange<MailboxId> }>;
/** Undefined: done. */
export type Outcome = Refusal | undefined;
/** `keywords` go on beside what it was staged with. */
export type EmailToAdd = Readonly<{ staged: Staged; into: readonly MailboxId[]; keywords: readonly string[] }>;
/** `size` in octets. */
export type AddedEmail = Readonly<{ email: EmailId; thread: ThreadId; size: number }>;

/** One level of the tree; a name holds no '/', which is what IMAP's paths have between levels. */
export type MailboxToCreate = Readonly<{ name: string; parent: MailboxId | null; role: MailboxRole | null; subscribed: boolean }>;
/** What is left out stays. */
export type MailboxChange = Readonly<{ name?: string; parent?: MailboxId | null; role?: MailboxRole | null; subscribed?: boolean }>;

export type Place = Readonly<{ mailbox: MailboxId; uid: Uid; flags: number; keywords: readonly string[] }>;

export interface MailAccount {
  readonly account: AccountId;
  /** By path, INBOX first. */
  list(): readonly MailboxInfo[];
  /** Caseless for INBOX, exact otherwise. */
  byPath(path: string): MailboxInfo | undefined;
  byId(mailbox: MailboxId): MailboxInfo | undefined;
  byRole(role: MailboxRole): MailboxInfo | undefined;
  /** Missing parents are made too (RFC 9051 §6.3.4). */
  create(path: string, role?: MailboxRole | null): Promise<MailboxInfo | Refusal>;
  rename(from: string, to: string): Promise<Refusal | undefined>;
  remove(path: string): Promise<Refusal | undefined>;
  /** By id and parent, for JMAP. `badMailboxName` also for a name with '/' in it, `mailboxUseTaken` for a role that another has. */
  createMailbox(mailbox: MailboxToCreate): Promise<MailboxInfo | Refusal>;
  /** One commit. `mailboxFixed` for INBOX, but for its subscription. */
  updateMailbox(mailbox: MailboxId, change: MailboxChange): Promise<Refusal | undefined>;
  setRole(mailbox: MailboxId, role: MailboxRole | null): Promise<Refusal | undefined>;
  /** `mailboxHasEmail` unless `removesEmails`: then messages that are in no other mailbox are destroyed. `mailboxHasChildren`, `mailboxFixed`. */
  destroyMailbox(mailbox: MailboxId, removesEmails: boolean): Promise<Refusal | undefined>;
  subscribe(path: string, on: boolean): Promise<Refusal | undefined>;
  /** Subscribed names, also of mailboxes that are gone. */
  subscriptions(): readonly string[];
  select(mailbox: MailboxId): Promise<OpenMailbox | Refusal>;
  stage(about: Readonly<{ flags: number; keywords: readonly string[]; receivedAt: number | null; size: number }>): Staging | Refusal;
  appendAll(mailbox: MailboxId, staged: readonly Staged[]): Promise<Readonly<{ uidValidity: number; uids: readonly Uid[] }> | Refusal>;
  /**
   * For JMAP: staged messages, each into one mailbox or several, all together
   * or none: `badValue` for a message that would be nowhere, `mailboxGone`,
   * `tooManyKeywords`, `overQuota`. At most EMAILS_AT_ONCE.
   */
  addEmails(emails: readonly EmailToAdd[]): Promise<readonly AddedEmail[] | Refusal>;
  /**
   * For JMAP: one commit, in which each is done or gets its own Refusal:
   * `notFound`, `mailboxGone`, `badValue` (it would be nowhere), `tooManyKeywords`,
   * `tooManyMailboxes`. With `ifModseq`, `notAllowed` for all when the account
   * has moved on from there. At most EMAILS_AT_ONCE.
   */
  updateEmails(updates: readonly EmailUpdate[], ifModseq?: number): Promise<readonly Outcome[]>;
  /** The same: out of all mailboxes, and gone. */
  destroyEmails(emails: readonly EmailId[], ifModseq?: number): Promise<readonly Outcome[]>;
  /** For JMAP: messages wherever they stand, in the order asked; those that are not here are left out. At most MESSAGES_AT_ONCE. */
  emails(emails: readonly EmailId[]): Promise<readonly Message[]>;
  /** Of these messages those that match, in their order; flags and keywords are not asked here. Nothing when aborted. */
  searchEmails(emails: readonly EmailId[], criterion: Criterion, signal?: AbortSignal): Promise<readonly EmailId[]>;
  /** For JMAP: every message of the account once. It shows all that `watch` told before; ask again for each request. */
  index(): Promise<MailIndex>;
  /** Keeps a staged message, or any other octets, for a day without a place; `overQuota` when there are too many. */
  keepUpload(staged: Staged, type: string): Promise<Readonly<{ upload: UploadId; size: number }> | Refusal>;
  upload(upload: UploadId): Promise<Upload | undefined>;
  /** Where a message stands: one entry per mailbox. */
  placesOf(email: EmailId): Promise<readonly Place[]>;
  quota(): Promise<Readonly<{ used: number; limit: number }>>;
  /** Where the account's changes stand. After a restored backup the epoch is another. */
  state(): Promise<Readonly<{ epoch: number; modseq: number }>>;
  /**
   * Resolves when the `size` of every mailbox in `list` is exact (STATUS SIZE).
   * All other counts always are; sizes are after our own writes, but deliveries
   * by others show in them a second later.
   */
  fresh(): Promise<void>;
  /** Changes of this account, after columns and list show them. */
  watch(listener: (change: Change) => void): () => void;
  close(): void;
}

export interface Mailboxes {
  /** Shared while anybody has it open. Throws a Fault for an account whose key is gone. */
  open(account: AccountId): Promise<MailAccount>;
  /** For the pipeline: the mailbox of that role, else INBOX. A promise only where it must be read; undefined when the account has none. */
  placeFor(account: AccountId, role: MailboxRole): MailboxId | undefined | Promise<MailboxId | undefined>;
  /** Lets go of everything; the accounts still open are of no use afterwards. */
  close(): void;
}
