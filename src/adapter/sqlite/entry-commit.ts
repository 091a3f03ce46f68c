/** Commands on entries: flags, copies, moves and expunges. */
import type { DatabaseSync } from 'node:sqlite';
import type { Command, CommandResult, FlagsNow, Placed, Placement, UidSet } from '../../core/command.ts';
import { type FlagState, flagsAfter } from '../../core/flag-change.ts';
import type { BlobId, EmailId, MailboxId, ThreadId, Uid } from '../../core/ids.ts';
import { FLAG } from '../../core/mailbox.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Batch, Parts } from './account-commit.ts';
import { expungedItems } from './change-log.ts';
import type { MailboxNow } from './counters.ts';
import { query, write } from './database.ts';

type Of<Do extends Command['do']> = Extract<Command, { do: Do }>;
export type Entry = FlagState & Readonly<{ uid: Uid; email: EmailId; modseq: number }>;
type Sized = Readonly<{ email: EmailId; size: number }>;
/** Puts an email that is there already in one more place. */
export type Place = (batch: Batch, email: Sized, placement: Placement) => Placed;
/** What an email that has lost a place is like; `thread` when it was the last one. */
type Left = Readonly<{ size: number; thread: ThreadId | undefined }>;

/** RFC 9051 §2.3.1.1. */
const LAST_UID = 4_294_967_295;

const words = (keywords: string | null): readonly string[] => (keywords === null ? [] : keywords.split(' '));

export class Entries {
  readonly #parts: Parts;
  readonly #place: Place;
  readonly #sql: ReturnType<typeof statements>;

  constructor(parts: Parts, place: Place) {
    this.#parts = parts;
    this.#place = place;
    this.#sql = statements(parts.database);
  }

  setFlags(batch: Batch, command: Of<'setFlags'>): CommandResult | Refusal {
    const mailbox = this.#mailbox(batch, command.mailbox);
    if (mailbox === undefined) return refuse('mailboxGone');
    const changed: FlagsNow[] = [];
    const modified: Uid[] = [];
    for (const entry of this.#find(mailbox, command.uids)) {
      if (command.unchangedSince !== null && entry.modseq > command.unchangedSince) {
        modified.push(entry.uid);
        continue;
      }
      const after = flagsAfter(entry, command);
      if (after !== entry) changed.push(this.#reflag(batch, mailbox, { entry, after }));
    }
    return { did: 'setFlags', changed, modified };
  }

  #reflag(batch: Batch, mailbox: MailboxNow, { entry, after }: Readonly<{ entry: Entry; after: FlagState }>): FlagsNow {
    const modseq = batch.modseq();
    const { uid } = entry;
    const { flags, keywords } = after;
    this.#parts.counters.changingMailbox(mailbox);
    mailbox.unseen += (entry.flags & FLAG.seen) - (flags & FLAG.seen);
    mailbox.deleted += Math.sign(flags & FLAG.deleted) - Math.sign(entry.flags & FLAG.deleted);
    mailbox.highestModseq = modseq;
    this.#sql.reflag(flags, keywords.length === 0 ? null : keywords.join(' '), modseq, mailbox.account, mailbox.mailbox, uid);
    batch.items.push(['flags', mailbox.mailbox, uid, flags, keywords]);
    return { uid, flags, keywords, modseq };
  }

  copy(batch: Batch, command: Of<'copy' | 'move'>): CommandResult | Refusal {
    const [source, target] = [this.#mailbox(batch, command.from), this.#mailbox(batch, command.to)];
    if (source === undefined || target === undefined) return refuse('mailboxGone');
    const entries = this.#find(source, command.uids);
    const to = entries.map(({ email, flags, keywords }) => {
      const size = this.#sql.email.get(email)?.[0] ?? 0;
      return this.#place(batch, { email, size }, { mailbox: command.to, flags, keywords }).uid;
    });
    if (command.do === 'move') this.#remove(batch, source, entries);
    return { did: command.do, uidValidity: target.uidValidity, from: entries.map(({ uid }) => uid), to };
  }

  expunge(batch: Batch, { mailbox, uids, onlyDeleted }: Of<'expunge'>): CommandResult | Refusal {
    const row = this.#mailbox(batch, mailbox);
    if (row === undefined) return refuse('mailboxGone');
    const gone = this.#find(row, uids).filter(({ flags }) => !onlyDeleted || (flags & FLAG.deleted) !== 0);
    this.#remove(batch, row, gone);
    return { did: 'expunge', uids: gone.map(({ uid }) => uid) };
  }

  /** Takes every entry of a mailbox that is itself about to go. */
  clear(batch: Batch, mailbox: MailboxNow): void {
    this.#remove(batch, mailbox, this.#find(mailbox, [[1, LAST_UID]]));
  }

  #remove(batch: Batch, mailbox: MailboxNow, entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.#parts.counters.changingMailbox(mailbox);
    mailbox.highestModseq = batch.modseq();
    const gone = entries.map(({ uid, email, flags }) => {
      this.#sql.remove(mailbox.account, mailbox.mailbox, uid);
      const { size, thread } = this.#leave(batch, email);
      mailbox.total--;
      mailbox.size -= size;
      if ((flags & FLAG.seen) === 0) mailbox.unseen--;
      if ((flags & FLAG.deleted) !== 0) mailbox.deleted--;
      return { uid, email, thread };
    });
    batch.items.push(...expungedItems(mailbox.mailbox, gone));
  }

  /** An entry of this email was removed: with the last one the email goes, and its sealed key with it. */
  #leave(batch: Batch, email: EmailId): Left {
    const [size = 0, blob, thread] = this.#sql.email.get(email) ?? [];
    if (this.#sql.isSomewhere.get(email) !== undefined || blob === undefined) return { size, thread: undefined };
    this.#sql.removeEmail(email);
    this.#parts.blobs.drop(blob as BlobId);
    batch.modseq();
    batch.account.used -= size;
    return { size, thread: thread as ThreadId };
  }

  #mailbox(batch: Batch, mailbox: MailboxId): MailboxNow | undefined {
    return this.#parts.counters.mailbox(batch.account.account, mailbox);
  }

  #find({ account, mailbox }: MailboxNow, uids: UidSet): Entry[] {
    return uids.flatMap(([from, to]) =>
      this.#sql.find.all(account, mailbox, from, to).map(([uid, email, flags, keywords, modseq]) => ({
        uid: uid as Uid,
        email: email as EmailId,
        flags,
        keywords: words(keywords),
        modseq,
      })),
    );
  }
}

const statements = (database: DatabaseSync) => ({
  find: query<[number, number, number, string | null, number]>(
    database,
    'SELECT uid, email, flags, keywords, modseq FROM entry WHERE account = ? AND mailbox = ? AND uid BETWEEN ? AND ? ORDER BY uid',
  ),
  reflag: write(database, 'UPDATE entry SET flags = ?, keywords = ?, modseq = ? WHERE account = ? AND mailbox = ? AND uid = ?'),
  remove: write(database, 'DELETE FROM entry WHERE account = ? AND mailbox = ? AND uid = ?'),
  email: query<[number, number, number]>(database, 'SELECT size, blob, thread FROM email WHERE email = ?'),
  isSomewhere: query(database, 'SELECT 1 FROM entry WHERE email = ? LIMIT 1'),
  removeEmail: write(database, 'DELETE FROM email WHERE email = ?'),
});
