/** Everything the memory store knows, as tables of rows. */
import type { Change } from '../../core/change.ts';
import type { CommandResult, QueuedMessage, QueuedRecipient, StepRow } from '../../core/command.ts';
import type {
  AccountId,
  BlobId,
  EmailId,
  MailboxId,
  OrganisationId,
  OwnerId,
  QueueId,
  QueueItemId,
  Uid,
  UploadId,
} from '../../core/ids.ts';
import type { MailboxRow } from '../../core/mailbox.ts';
import type { AccountRow, DirectoryRow, EmailRow, UploadRow } from '../../core/ports/store.ts';
import { Table, Undo } from './table.ts';

export type Account = AccountRow & Readonly<{ organisation: OrganisationId /** Changes up to here are forgotten. */; logFloor: number }>;
export type Mailbox = MailboxRow & Readonly<{ account: AccountId }>;
export type Entry = Readonly<{ uid: Uid; email: EmailId; flags: number; keywords: readonly string[]; modseq: number }>;
export type Email = EmailRow & Readonly<{ account: AccountId; blob: BlobId; places: number }>;
export type Upload = UploadRow & Readonly<{ account: AccountId }>;
export type Blob = Readonly<{ sealed: Uint8Array; refs: number; since: number }>;
export type Effect = Readonly<{ modseq: number; results: readonly CommandResult[]; at: number }>;
export type Logged = Readonly<{ changes: readonly Change[]; at: number }>;
export type Item = QueuedRecipient &
  Readonly<{
    queue: QueueId;
    owner: OwnerId;
    attempt: number;
    fence: number;
    /** When it may be claimed: its due time, or the end of the lease. */
    readyAt: number;
    worker: string | null;
  }>;
export type StoredObject = Readonly<{ account: AccountId; object: string; id: number; value: Uint8Array }>;

export class State {
  readonly undo = new Undo();
  readonly accounts = new Table<AccountId, Account>(this.undo);
  readonly mailboxes = new Table<MailboxId, Mailbox>(this.undo);
  readonly emails = new Table<EmailId, Email>(this.undo);
  readonly blobs = new Table<BlobId, Blob>(this.undo);
  readonly uploads = new Table<UploadId, Upload>(this.undo);
  readonly effects = new Table<string, Effect>(this.undo);
  readonly log = new Table<string, Logged>(this.undo);
  readonly objects = new Table<string, StoredObject>(this.undo);
  readonly messages = new Table<QueueId, QueuedMessage>(this.undo);
  readonly items = new Table<QueueItemId, Item>(this.undo);
  readonly directory = new Table<string, DirectoryRow>(this.undo);
  /** Which row has a name. */
  readonly names = new Table<string, string>(this.undo);
  readonly keys = new Table<OwnerId, Uint8Array>(this.undo);
  readonly #entries = new Map<MailboxId, Table<Uid, Entry>>();
  readonly #steps = new Map<OwnerId, Table<string, StepRow>>();

  entriesOf(mailbox: MailboxId): Table<Uid, Entry> {
    return this.#of(this.#entries, mailbox);
  }

  stepsOf(owner: OwnerId): Table<string, StepRow> {
    return this.#of(this.#steps, owner);
  }

  owners(): OwnerId[] {
    return [...this.#steps.keys()];
  }

  /** A mailbox of this account, or undefined: another account's does not exist here. */
  mailbox(account: AccountId, mailbox: MailboxId): Mailbox | undefined {
    const row = this.mailboxes.get(mailbox);
    return row?.account === account ? row : undefined;
  }

  mailboxesOf(account: AccountId): Mailbox[] {
    return this.mailboxes
      .values()
      .filter((row) => row.account === account)
      .sort((a, b) => a.mailbox - b.mailbox);
  }

  uploadsOf(account: AccountId): Upload[] {
    return this.uploads.values().filter((row) => row.account === account);
  }

  addSteps(rows: readonly StepRow[]): void {
    for (const row of rows) {
      const key = `${row.journey}/${row.seq}`;
      const steps = this.stepsOf(row.owner);
      if (!steps.has(key)) steps.set(key, { ...row, sealed: Uint8Array.from(row.sealed) });
    }
  }

  #of<Key, RowKey, Row>(all: Map<Key, Table<RowKey, Row>>, key: Key): Table<RowKey, Row> {
    const table = all.get(key) ?? new Table<RowKey, Row>(this.undo);
    all.set(key, table);
    return table;
  }
}
