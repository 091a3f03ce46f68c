/** Reading emails and the entries of mailboxes. */
import type { DatabaseSync } from 'node:sqlite';
import type { AccountId, BlobId, EmailId, MailboxId, ThreadId, Uid } from '../../../core/ids.ts';
import type { Answers, EmailRow, EntryColumns } from '../../../core/ports/store.ts';
import type { Place } from '../bodies.ts';
import { query } from '../database.ts';

/** As the port says. */
const EMAILS_AT_ONCE = 1_000;
/** Rows taken from SQL at a time, so that a large mailbox is not in memory twice. */
const ENTRY_ROWS = 20_000;
const LAST_UID = 4_294_967_295;

const words = (keywords: string | null): readonly string[] => (keywords === null ? [] : keywords.split(' '));

/** Columns that grow while rows come. */
class Columns {
  #room = 256;
  count = 0;
  uids = new Float64Array(this.#room);
  flags = new Uint8Array(this.#room);
  modseqs = new Float64Array(this.#room);
  emails = new Float64Array(this.#room);
  readonly keywords = new Map<number, readonly string[]>();

  add(rows: readonly (readonly [number, number, number, number, string | null])[]): void {
    if (this.count + rows.length > this.#room) this.#grow(this.count + rows.length);
    for (const [uid, flags, modseq, email, keywords] of rows) {
      const row = this.count++;
      this.uids[row] = uid;
      this.flags[row] = flags;
      this.modseqs[row] = modseq;
      this.emails[row] = email;
      if (keywords !== null) this.keywords.set(row, words(keywords));
    }
  }

  #grow(wanted: number): void {
    this.#room = Math.max(wanted, this.#room * 2);
    const larger = <Column extends Float64Array | Uint8Array>(made: Column, old: Column): Column => {
      made.set(old);
      return made;
    };
    this.uids = larger(new Float64Array(this.#room), this.uids);
    this.flags = larger(new Uint8Array(this.#room), this.flags);
    this.modseqs = larger(new Float64Array(this.#room), this.modseqs);
    this.emails = larger(new Float64Array(this.#room), this.emails);
  }

  /** Each column in a buffer of its own and of its size, to be moved to another thread. */
  take(): EntryColumns {
    const { count, keywords } = this;
    return {
      uids: this.uids.slice(0, count),
      flags: this.flags.slice(0, count),
      modseqs: this.modseqs.slice(0, count),
      emails: this.emails.slice(0, count),
      keywords,
    };
  }
}

export class ReadEmails {
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync) {
    this.#sql = statements(database);
  }

  entries(account: AccountId, mailbox: MailboxId, since = 0): EntryColumns {
    const columns = new Columns();
    for (let from = 1; from <= LAST_UID; ) {
      const rows = this.#sql.entries.all(account, mailbox, from, since, ENTRY_ROWS);
      columns.add(rows);
      if (rows.length < ENTRY_ROWS) break;
      from = (rows.at(-1)?.[0] ?? LAST_UID) + 1;
    }
    return columns.take();
  }

  emails(account: AccountId, emails: readonly EmailId[]): EmailRow[] {
    if (emails.length > EMAILS_AT_ONCE) throw new Error(`at most ${EMAILS_AT_ONCE} emails at once`);
    return emails.flatMap((email) => {
      const row = this.#sql.email.get(email, account);
      if (row === undefined) return [];
      const [thread, size, receivedAt, meta] = row;
      return [{ email, thread: thread as ThreadId, size, receivedAt, meta }];
    });
  }

  facts(account: AccountId, emails: readonly EmailId[]): Answers['emailFacts'] {
    const rows = emails.flatMap((email) => {
      const row = this.#sql.facts.get(email, account);
      return row === undefined ? [] : [[email, ...row] as const];
    });
    return {
      emails: Float64Array.from(rows, ([email]) => email),
      sizes: Float64Array.from(rows, ([, size]) => size),
      receivedAt: Float64Array.from(rows, ([, , receivedAt]) => receivedAt),
      threads: Float64Array.from(rows, ([, , , thread]) => thread),
    };
  }

  placesOf(account: AccountId, email: EmailId): Answers['placesOf'] {
    return this.#sql.places.all(email, account).map(([mailbox, uid, flags, keywords]) => ({
      mailbox: mailbox as MailboxId,
      uid: uid as Uid,
      flags,
      keywords: words(keywords),
    }));
  }

  /** Where the body of an email of this account lies. */
  body(account: AccountId, email: EmailId): Place | undefined {
    const blob = this.#sql.blob.get(email, account)?.[0];
    return blob === undefined ? undefined : this.place(blob as BlobId);
  }

  place(blob: BlobId): Place | undefined {
    const row = this.#sql.place.get(blob);
    return row === undefined ? undefined : { pack: row[0], offset: row[1], length: row[2] };
  }
}

const statements = (database: DatabaseSync) => ({
  entries: query<[number, number, number, number, string | null]>(
    database,
    `SELECT uid, flags, modseq, email, keywords FROM entry
     WHERE account = ? AND mailbox = ? AND uid >= ? AND modseq > ? ORDER BY uid LIMIT ?`,
  ),
  email: query<[number, number, number, Uint8Array<ArrayBuffer>]>(
    database,
    'SELECT thread, size, received_at, meta FROM email WHERE email = ? AND account = ?',
  ),
  facts: query<[number, number, number]>(database, 'SELECT size, received_at, thread FROM email WHERE email = ? AND account = ?'),
  places: query<[number, number, number, string | null]>(
    database,
    'SELECT mailbox, uid, flags, keywords FROM entry WHERE email = ? AND account = ? ORDER BY mailbox, uid',
  ),
  blob: query<[number]>(database, 'SELECT blob FROM email WHERE email = ? AND account = ?'),
  place: query<[number, number, number]>(database, 'SELECT pack, offset, length FROM blob WHERE blob = ?'),
});
