/** Removing rows whose time is past. Which ones, the upkeep thread has found; here they go, a few hundred to a commit. */
import type { DatabaseSync } from 'node:sqlite';
import type { AccountId, BlobId } from '../../core/ids.ts';
import type { Blobs } from './blobs.ts';
import type { PruneRows } from './calls.ts';
import { query, write } from './database.ts';
import { Uploads } from './upload-commit.ts';

/** Rows of a closed account removed in one commit, of each kind. */
const CLOSED_ROWS = 500;
type Parts = Readonly<{ database: DatabaseSync; blobs: Blobs }>;

export class Pruner {
  readonly #blobs: Blobs;
  readonly #uploads: Uploads;
  readonly #sql: ReturnType<typeof statements>;

  constructor({ database, blobs }: Parts) {
    this.#blobs = blobs;
    this.#uploads = new Uploads({ database, blobs });
    this.#sql = statements(database);
  }

  prune({ what, rows }: PruneRows): void {
    if (what === 'closed') for (const account of rows) this.#removeClosed(account as AccountId);
    else if (what === 'uploads') for (const upload of rows) this.#uploads.remove(upload);
    else for (const row of rows) this.#sql[what](row);
  }

  #removeClosed(account: AccountId): void {
    const entries = this.#sql.entries.all(account, CLOSED_ROWS);
    for (const [mailbox, uid, email] of entries) {
      this.#sql.removeEntry(account, mailbox, uid);
      const blob = this.#sql.isSomewhere.get(email) === undefined ? this.#sql.blob.get(email)?.[0] : undefined;
      if (blob === undefined) continue;
      this.#sql.removeEmail(email);
      this.#blobs.drop(blob as BlobId);
    }
    const removed = this.#sql.ofAccount.map((remove) => remove(account, CLOSED_ROWS));
    const others = this.#uploads.removeSome(account, CLOSED_ROWS) + this.#removeLog(account);
    if (entries.length === 0 && others === 0 && removed.every((rows) => rows === 0)) this.#sql.done(account);
  }

  /** Follows the chain of the log, and leaves where to go on. */
  #removeLog(account: AccountId): number {
    let id = this.#sql.logHead.get(account)?.[0] ?? 0;
    let removed = 0;
    for (; id !== 0 && removed < CLOSED_ROWS; removed++) {
      const previous = this.#sql.logBefore.get(id)?.[0] ?? 0;
      this.#sql.log(id);
      id = previous;
    }
    if (removed > 0) this.#sql.setLogHead(id, account);
    return removed;
  }
}

/** Removes some of an owner's rows from a table with the given key. */
const some = (database: DatabaseSync, table: string, key: string): ReturnType<typeof write> => {
  const owner = key.split(',')[0];
  return write(database, `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${owner} = ? LIMIT ?)`);
};

const statements = (database: DatabaseSync) => ({
  effects: write(database, 'DELETE FROM applied WHERE rowid = ?'),
  steps: write(database, 'DELETE FROM step WHERE rowid = ?'),
  log: write(database, 'DELETE FROM change_log WHERE id = ?'),
  logHead: query<[number]>(database, 'SELECT log_head FROM closed WHERE account = ?'),
  logBefore: query<[number]>(database, 'SELECT previous FROM change_log WHERE id = ?'),
  setLogHead: write(database, 'UPDATE closed SET log_head = ? WHERE account = ?'),
  entries: query<[number, number, number]>(database, 'SELECT mailbox, uid, email FROM entry WHERE account = ? LIMIT ?'),
  removeEntry: write(database, 'DELETE FROM entry WHERE account = ? AND mailbox = ? AND uid = ?'),
  isSomewhere: query(database, 'SELECT 1 FROM entry WHERE email = ? LIMIT 1'),
  blob: query<[number]>(database, 'SELECT blob FROM email WHERE email = ?'),
  removeEmail: write(database, 'DELETE FROM email WHERE email = ?'),
  ofAccount: [
    some(database, 'mailbox', 'account, mailbox'),
    some(database, 'object', 'account, kind, id'),
    some(database, 'applied', 'owner, effect'),
    some(database, 'step', 'owner, journey, seq'),
  ],
  done: write(database, 'DELETE FROM closed WHERE account = ?'),
});
