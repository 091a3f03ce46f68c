/**
 * The storage port (docs/architecture.md, "Store"). Outcome rules, the same
 * for every adapter:
 *
 * - a promise that resolves means durable: on disk, flushed;
 * - a Refusal as its value means nothing was done, and why;
 * - Fault `unavailable`: certainly not applied, may be tried again;
 * - Fault `unknown`: may have been applied; try again only with the same effectId;
 * - Fault `fenced`: the lease is lost, drop the work silently;
 * - Fault `full`: no room; certainly not applied.
 *
 * The store sees no plain text: names, contents and addresses come sealed,
 * and what must be found again comes as a keyed hash.
 */
import type { Change } from '../change.ts';
import type { AccountWrite, Command, CommandResult, QueuedMessage, Sealed, StepRow } from '../command.ts';
import type {
  AccountId,
  BlobId,
  EmailId,
  JourneyId,
  MailboxId,
  OrganisationId,
  OwnerId,
  QueueId,
  QueueItemId,
  ThreadId,
  Uid,
  UploadId,
} from '../ids.ts';
import type { MailboxRow } from '../mailbox.ts';
import type { Refusal } from '../refusal.ts';

export type Applied = Readonly<{
  modseq: number /** False when the effectId was known: nothing was done again, these are the first results. */;
  firstTime: boolean;
  results: readonly CommandResult[];
}>;

export type ApplyOptions = Readonly<{
  /** 16 bytes, a hash of origin, recipient and action; never random per try. Makes a repeated delivery harmless. */
  effectId?: Uint8Array;
  /** Refuse with `notAllowed` when the account has moved on from this modseq. */
  ifModseq?: number;
}>;

/** Entries of a mailbox as columns, by ascending uid: 100,000 of them in a few ms. */
export type EntryColumns = Readonly<{
  uids: Float64Array;
  flags: Uint8Array;
  modseqs: Float64Array;
  emails: Float64Array;
  /** Keywords by row number, only of rows that have any. */
  keywords: ReadonlyMap<number, readonly string[]>;
}>;

export type EmailRow = Readonly<{ email: EmailId; thread: ThreadId; size: number; receivedAt: number; meta: Sealed }>;
export type UploadRow = Readonly<{ upload: UploadId; size: number; at: number; meta: Sealed; blob: BlobId }>;
export type AccountRow = Readonly<{ epoch: number; modseq: number; used: number /** Octets; 0 for no limit. */; quota: number }>;

/** Most journeys that one question gives. Whoever wants more asks again, from the last one on. */
export const JOURNEYS_AT_ONCE = 1_000;

/** Octets of one account's uploads together; one more is refused with `overQuota`. The account's quota does not count them. */
export const UPLOADS_BYTES = 500_000_000;
/** What an upload counts at least, so that the number of them is bounded too. */
export const UPLOAD_LEAST_BYTES = 50_000;
/** An upload is there so long (ms), then tidy may remove it. RFC 8620 §6.1 asks for an hour. */
export const UPLOAD_KEPT_MS = 86_400_000;

/** Everything that may be asked of one account. Each answer is one snapshot. */
export type Query =
  | Readonly<{ ask: 'account' }>
  | Readonly<{ ask: 'mailboxes' }>
  /** With `since`, only entries whose modseq is higher. */
  | Readonly<{ ask: 'entries'; mailbox: MailboxId; since?: number }>
  /** UIDs expunged after `since`; `complete` false when the log does not reach that far back. */
  | Readonly<{ ask: 'vanished'; mailbox: MailboxId; since: number }>
  /** In the order asked; ids that are not this account's are left out. At most 1,000 at once. */
  | Readonly<{ ask: 'emails'; emails: readonly EmailId[] }>
  /** Sizes and dates without the sealed meta, for searching; same rules, no limit. */
  | Readonly<{ ask: 'emailFacts'; emails: readonly EmailId[] }>
  /** Where an email is: one row per mailbox. */
  | Readonly<{ ask: 'placesOf'; email: EmailId }>
  | Readonly<{ ask: 'objects'; object: string }>
  | Readonly<{ ask: 'upload'; upload: UploadId }>
  /** Journeys, newest first: all rows of up to `limit` journeys (JOURNEYS_AT_ONCE at most) whose ids are below `before` and not below `from`. */
  | Readonly<{ ask: 'journeys'; before?: JourneyId; from?: JourneyId; limit: number }>
  | Readonly<{ ask: 'journey'; journey: JourneyId }>;

export type Answers = {
  account: AccountRow;
  mailboxes: readonly MailboxRow[];
  entries: EntryColumns;
  vanished: Readonly<{ uids: readonly Uid[]; complete: boolean }>;
  emails: readonly EmailRow[];
  emailFacts: Readonly<{ emails: Float64Array; sizes: Float64Array; receivedAt: Float64Array; threads: Float64Array }>;
  placesOf: readonly Readonly<{ mailbox: MailboxId; uid: Uid; flags: number; keywords: readonly string[] }>[];
  objects: readonly Readonly<{ id: number; value: Sealed }>[];
  upload: UploadRow | undefined;
  journeys: readonly StepRow[];
  journey: readonly StepRow[];
};
export type AnswerTo<Q extends Query> = Answers[Q['ask']];

/**
 * One account's door. There is no call on it that can name another account's
 * object: an id that is not this account's does not exist here.
 */
export interface AccountHandle {
  readonly account: AccountId;
  apply(batch: readonly Command[], options?: ApplyOptions): Promise<Applied | Refusal>;
  read<Q extends Query>(query: Q): Promise<AnswerTo<Q>>;
  /** What was committed after `since`, oldest first; `complete` false means: resynchronise. */
  changes(
    since: Readonly<{ epoch: number; modseq: number }>,
    max: number,
  ): Promise<Readonly<{ items: readonly Change[]; to: number; complete: boolean }>>;
  /** Sealed octets [from, to) of the body of an email of this account; undefined when there is none. */
  readBody(email: EmailId, from: number, to: number): Promise<Uint8Array | undefined>;
  /** The same of an upload. */
  readUpload(upload: UploadId, from: number, to: number): Promise<Uint8Array | undefined>;
}

/** A body too large to be handed over in one piece: written as it arrives. */
export interface BodyWriter {
  readonly blob: BlobId;
  /** Resolves when more may be written (back-pressure). */
  write(sealed: readonly Uint8Array[]): Promise<void>;
  /** Resolves when durable. */
  finish(): Promise<void>;
  abort(): Promise<void>;
}

/** How a claimed queue item stands. */
export type QueueItem = Readonly<{
  item: QueueItemId;
  queue: QueueId;
  owner: OwnerId;
  lane: number;
  size: number;
  acceptedAt: number;
  expiresAt: number;
  dueAt: number;
  /** Counts claims; 1 at the first. */
  attempt: number;
  held: boolean;
  /** Of this claim: an older worker's settlement no longer fits. 0 in listings. */
  fence: number;
  /** Sealed with the owner's key. */
  message: Sealed;
  recipient: Sealed;
}>;

export type Settlement =
  | Readonly<{ to: 'done' }>
  | Readonly<{
      to: 'retry';
      dueAt: number;
      recipient?: Sealed /** False when the claim was not used: the attempt does not count. */;
      counts: boolean;
    }>
  | Readonly<{ to: 'hold'; recipient?: Sealed }>;

export type ItemChange = Readonly<{ set: 'hold' | 'release' | 'hurry' | 'remove'; now: number }>;

export interface QueueStore {
  /** Envelope and all recipients together, with the owner's journey rows. */
  accept(message: QueuedMessage, steps: readonly StepRow[], effectId?: Uint8Array): Promise<void>;
  /** Due items, leased to one worker; none of the lanes in `except`. Earliest due first. */
  claim(
    ask: Readonly<{ worker: string; now: number; leaseMs: number; max: number; except: readonly number[] }>,
  ): Promise<readonly QueueItem[]>;
  extend(item: QueueItem, until: number): Promise<void>;
  /** Fenced: with a lease that is lost, nothing changes and a Fault `fenced` is thrown. A message whose items are all done is removed, body and key. */
  settle(item: QueueItem, settlement: Settlement, steps: readonly StepRow[]): Promise<void>;
  /** When the next item falls due (ms), or undefined with nothing waiting. Leased items count when their lease ends. */
  nextDue(): Promise<number | undefined>;
  /** Newest first. */
  list(ask: Readonly<{ owner?: OwnerId; limit: number; before?: QueueItemId }>): Promise<readonly QueueItem[]>;
  get(item: QueueItemId): Promise<QueueItem | undefined>;
  /** False when there is no such item, or a worker holds it just now. */
  change(item: QueueItemId, change: ItemChange, steps: readonly StepRow[]): Promise<boolean>;
  counts(now: number): Promise<Readonly<{ waiting: number; held: number; leased: number; oldestAcceptedAt: number | null }>>;
  /** Sealed octets [from, to) of the message's body. */
  readBody(queue: QueueId, from: number, to: number): Promise<Uint8Array | undefined>;
}

/** A noun of the directory (organisation, domain, account, alias, relay, setting): sealed, found by keyed hashes of its names. */
export type DirectoryRow = Readonly<{ kind: string; id: number; names: readonly Uint8Array[]; sealed: Sealed }>;

export type DirectoryChange =
  /** Adds or replaces. Names are unique over the whole directory: `nameTaken` refuses all. */
  | Readonly<{ do: 'put'; row: DirectoryRow }>
  | Readonly<{ do: 'remove'; kind: string; id: number }>
  | Readonly<{ do: 'putKey'; owner: OwnerId; wrapped: Uint8Array }>
  /** What was sealed with it can never be read again. */
  | Readonly<{ do: 'destroyKey'; owner: OwnerId }>
  | Readonly<{ do: 'openAccount'; account: AccountId; organisation: OrganisationId; quota: number; batch: readonly Command[] }>
  | Readonly<{ do: 'setQuota'; account: AccountId; quota: number }>
  | Readonly<{ do: 'closeAccount'; account: AccountId }>;

export interface DirectoryStore {
  load(): Promise<readonly DirectoryRow[]>;
  keys(): Promise<readonly Readonly<{ owner: OwnerId; wrapped: Uint8Array }>[]>;
  /** All or nothing, a thousand accounts included. */
  write(changes: readonly DirectoryChange[]): Promise<Refusal | undefined>;
}

export type TidyAsk = Readonly<{
  now: number;
  /**
   * Rows older than this (ms) go, of an organisation and of its people. Asked
   * for SERVER_OWNER too, and for the ids of accounts that are no more.
   */
  journeysBefore: (organisation: OrganisationId) => number;
}>;

export interface Store {
  account(account: AccountId): AccountHandle;
  /**
   * Several accounts of one shard in one commit, with a message for the queue
   * and journey rows of its owner: all or nothing. Done in the order given, so
   * that a later part may name a blob that an earlier one carries inline.
   * Results of the writes in their order.
   */
  applyTogether(
    writes: readonly AccountWrite[],
    message?: QueuedMessage,
    steps?: readonly StepRow[],
  ): Promise<readonly Applied[] | Refusal>;
  /** Journey rows of an organisation (its projection) or an account, without an account's write. */
  journeys(owner: OwnerId): Pick<AccountHandle, 'read'> & Readonly<{ add(rows: readonly StepRow[]): Promise<void> }>;
  openBody(blob: BlobId): Promise<BodyWriter>;
  readonly queue: QueueStore;
  readonly directory: DirectoryStore;
  /** Called after each commit, in commit order per account. */
  onChange(listener: (changes: readonly Change[]) => void): () => void;
  /** Removes journey rows, applied-effect marks, change logs and uploads past their time; rewrites packs with much garbage. */
  tidy(ask: TidyAsk): Promise<void>;
  /** Waits for what is under way, then closes. */
  close(): Promise<void>;
}
