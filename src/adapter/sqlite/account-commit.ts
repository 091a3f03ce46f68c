/** One account's batch as SQL: what each command does. The group commit around it is writer.ts. */
import type { DatabaseSync } from 'node:sqlite';
import type { Command, CommandResult, Placed, Placement } from '../../core/command.ts';
import type { EmailId, OwnerId, Uid } from '../../core/ids.ts';
import { FLAG } from '../../core/mailbox.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Blobs } from './blobs.ts';
import type { LogItem } from './change-log.ts';
import type { AccountNow, Counters, MailboxNow } from './counters.ts';
import { query, write } from './database.ts';
import { Entries } from './entry-commit.ts';
import type { Journal } from './journal.ts';
import { Mailboxes } from './mailbox-commit.ts';
import type { Outbox } from './outbox.ts';
import { Uploads } from './upload-commit.ts';

type Of<Do extends Command['do']> = Extract<Command, { do: Do }>;

/** A commit whose list of changes is longer is not kept in the log: who was away synchronises anew. */
const MAX_LOG_CHARACTERS = 1_048_576;
/** RFC 9051 §2.3.1.1: a UID has 32 bits and is never zero. */
const LAST_UID = 4_294_967_295;

type Placing = Readonly<{ email: Readonly<{ email: EmailId; size: number }>; placement: Placement }>;

/** What the batch under way knows: its account, and what it changed. */
export class Batch {
  readonly account: AccountNow;
  readonly items: LogItem[] = [];
  readonly #counters: Counters;
  #modseq = 0;

  constructor(account: AccountNow, counters: Counters) {
    this.account = account;
    this.#counters = counters;
  }

  /** The modseq of this commit, taken when the first thing changes. */
  modseq(): number {
    if (this.#modseq === 0) {
      this.#counters.changingAccount(this.account);
      this.#modseq = ++this.account.modseq;
    }
    return this.#modseq;
  }
}

export type Parts = Readonly<{ database: DatabaseSync; counters: Counters; blobs: Blobs; journal: Journal; outbox: Outbox }>;

export class AccountCommit {
  readonly #parts: Parts;
  readonly #sql: ReturnType<typeof statements>;
  readonly #entries: Entries;
  readonly #mailboxes: Mailboxes;
  readonly #uploads: Uploads;
  /** The next row of the log; numbers that a rollback leaves out are not missed. */
  #nextLog: number;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#sql = statements(parts.database);
    this.#nextLog = (this.#sql.lastLog.get()?.[0] ?? 0) + 1;
    this.#entries = new Entries(parts, (batch, email, placement) => this.#place(batch, 'copied', { email, placement }));
    this.#mailboxes = new Mailboxes(parts, this.#entries);
    this.#uploads = new Uploads(parts);
  }

  /** The results, or the first refusal; `before` counts the commands that were done before it. */
  run(account: AccountNow, commands: readonly Command[], now: number): CommandResult[] | Readonly<{ refused: Refusal; before: number }> {
    const batch = new Batch(account, this.#parts.counters);
    const results: CommandResult[] = [];
    for (const command of commands) {
      const result = this.#obey(batch, command);
      if (isRefusal(result)) return { refused: result, before: results.length };
      results.push(result);
    }
    if (batch.items.length > 0) this.#log(batch, now);
    return results;
  }

  #log(batch: Batch, at: number): void {
    const { account } = batch.account;
    const [modseq, items] = [batch.modseq(), JSON.stringify(batch.items)];
    this.#parts.journal.log({ account, modseq, items });
    const previous = batch.account.logHead;
    batch.account.logHead = items.length <= MAX_LOG_CHARACTERS ? this.#nextLog++ : 0;
    if (batch.account.logHead > 0) this.#sql.log(batch.account.logHead, previous, modseq, at, items);
  }

  #obey(batch: Batch, command: Command): CommandResult | Refusal {
    switch (command.do) {
      case 'addEmail':
        return this.#addEmail(batch, command);
      case 'setFlags':
        return this.#entries.setFlags(batch, command);
      case 'copy':
      case 'move':
        return this.#entries.copy(batch, command);
      case 'expunge':
        return this.#entries.expunge(batch, command);
      case 'createMailbox':
        return this.#mailboxes.create(batch, command);
      case 'updateMailbox':
        return this.#mailboxes.update(batch, command);
      case 'deleteMailbox':
        return this.#mailboxes.delete(batch, command);
      case 'putObject':
        return this.#putObject(batch, command);
      case 'addUpload':
        return this.#uploads.add(batch.account.account, command);
      case 'dropUpload':
        return this.#uploads.drop(batch.account.account, command);
      case 'enqueue':
        return this.#enqueue(batch, command);
      case 'step':
        return this.#step(batch, command);
      default:
        return unreachable(command);
    }
  }

  #addEmail(batch: Batch, command: Of<'addEmail'>): CommandResult | Refusal {
    const { account } = batch;
    const { email, size, body, into } = command;
    if (into.length === 0) return refuse('badValue', { why: 'an email must be somewhere' });
    for (const { mailbox } of into) if (this.#parts.counters.mailbox(account.account, mailbox) === undefined) return refuse('mailboxGone');
    if (account.quota > 0 && account.used + size > account.quota) return refuse('overQuota');
    if (!this.#parts.blobs.add(body)) return refuse('notFound', { what: 'body' });
    this.#sql.email(email, account.account, command.thread, body.blob, size, command.receivedAt, command.meta);
    batch.modseq();
    account.used += size;
    return { did: 'addEmail', placed: into.map((placement) => this.#place(batch, 'added', { email: { email, size }, placement })) };
  }

  #place(batch: Batch, how: 'added' | 'copied', { email: { email, size }, placement }: Placing): Placed {
    const { mailbox, flags, keywords } = placement;
    const row = this.#mailboxRow(batch, mailbox);
    if (row.uidNext > LAST_UID) throw new Error('a mailbox has used up its UIDs');
    const modseq = batch.modseq();
    this.#parts.counters.changingMailbox(row);
    const uid = row.uidNext++ as Uid;
    row.highestModseq = modseq;
    row.total++;
    row.size += size;
    if ((flags & FLAG.seen) === 0) row.unseen++;
    if ((flags & FLAG.deleted) !== 0) row.deleted++;
    const words = keywords.length > 1 ? [...new Set(keywords)] : keywords;
    this.#sql.entry(batch.account.account, mailbox, uid, email, flags, words.length === 0 ? null : words.join(' '), modseq);
    batch.items.push([how, mailbox, uid, email, flags, words]);
    return { mailbox, uid, uidValidity: row.uidValidity };
  }

  #mailboxRow(batch: Batch, mailbox: Placement['mailbox']): MailboxNow {
    const row = this.#parts.counters.mailbox(batch.account.account, mailbox);
    if (row === undefined) throw new Error('a mailbox went away in its own commit');
    return row;
  }

  #putObject(batch: Batch, { object, id, value }: Of<'putObject'>): CommandResult {
    const { account } = batch.account;
    if (value !== null) this.#sql.putObject(account, object, id, value);
    else if (this.#sql.removeObject(account, object, id) === 0) return { did: 'putObject' };
    batch.modseq();
    batch.items.push(['object', object, id]);
    return { did: 'putObject' };
  }

  #enqueue({ account }: Batch, { message }: Of<'enqueue'>): CommandResult | Refusal {
    if (!isOurs(account, message.owner)) return refuse('notAllowed', { why: 'not the owner' });
    return this.#parts.outbox.add(message) ?? { did: 'enqueue' };
  }

  #step({ account }: Batch, { row }: Of<'step'>): CommandResult | Refusal {
    if (!isOurs(account, row.owner)) return refuse('notAllowed', { why: 'not the owner' });
    this.#parts.journal.addStep(row);
    return { did: 'step' };
  }
}

/** SECURITY: a batch of one account must not write the story, or send in the name, of another. */
const isOurs = (account: AccountNow, owner: OwnerId): boolean => owner === account.account || owner === account.organisation;

const statements = (database: DatabaseSync) => ({
  email: write(database, 'INSERT INTO email VALUES (?, ?, ?, ?, ?, ?, ?)'),
  entry: write(database, 'INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)'),
  lastLog: query<[number | null]>(database, 'SELECT max(id) FROM change_log'),
  log: write(database, 'INSERT INTO change_log VALUES (?, ?, ?, ?, ?)'),
  putObject: write(database, 'INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?)'),
  removeObject: write(database, 'DELETE FROM object WHERE account = ? AND kind = ? AND id = ?'),
});
