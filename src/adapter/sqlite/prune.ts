/** Removing rows whose time is past. Which ones, the upkeep thread has found; here they go, a few hundred to a commit. */
import type { DatabaseSync } from 'node:sqlite';
import type { AccountId, BlobId } from '../../core/ids.ts';
import type { Blobs } from './blobs.ts';
import type { PruneRows } from './calls.ts';
import type { Counters } from './counters.ts';
import { query, write } from './database.ts';

/** Rows of a closed account removed in one commit, of each kind. */
const CLOSED_ROWS = 500;
type Parts = Readonly<{ database: DatabaseSync; counters: Counters; blobs: Blobs }>;

export class Pruner {
  readonly #counters: Counters;
  readonly #blobs: Blobs;
  readonly #sql: ReturnType<typeof statements>;

  constructor({ database, counters, blobs }: Parts) {
    this.#counters = counters;
    this.#blobs = blobs;
    this.#sql = statements(database);
  }

  prune({ what, keys }: PruneRows): void {
    // Written by upkeep.ts with JSON.stringify.
    const list = JSON.parse(keys) as [number, number | string, number?][];
    for (const [first, second, third] of list) {
      if (what === 'effects') this.#sql.effect(first, Buffer.from(String(second), 'hex'));
      else if (what === 'steps') this.#sql.step(first, second, third ?? 0);
      else if (what === 'log') this.#forgetLog(first as AccountId, Number(second));
      else this.#removeClosed(first as AccountId);
    }
  }

  #forgetLog(account: AccountId, modseq: number): void {
    this.#sql.log(account, modseq);
    const row = this.#counters.account(account);
    if (row === undefined || row.logFloor >= modseq) return;
    this.#counters.changingAccount(row);
    row.logFloor = modseq;
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
    if (entries.length === 0 && removed.every((rows) => rows === 0)) this.#sql.done(account);
  }
}

/** Removes some of an owner's rows from a table with the given key. */
const some = (database: DatabaseSync, table: string, key: string): ReturnType<typeof write> => {
  const owner = key.split(',')[0];
  return write(database, `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${owner} = ? LIMIT ?)`);
};

const statements = (database: DatabaseSync) => ({
  effect: write(database, 'DELETE FROM applied WHERE owner = ? AND effect = ?'),
  step: write(database, 'DELETE FROM step WHERE owner = ? AND journey = ? AND seq = ?'),
  log: write(database, 'DELETE FROM change_log WHERE account = ? AND modseq = ?'),
  entries: query<[number, number, number]>(database, 'SELECT mailbox, uid, email FROM entry WHERE account = ? LIMIT ?'),
  removeEntry: write(database, 'DELETE FROM entry WHERE account = ? AND mailbox = ? AND uid = ?'),
  isSomewhere: query(database, 'SELECT 1 FROM entry WHERE email = ? LIMIT 1'),
  blob: query<[number]>(database, 'SELECT blob FROM email WHERE email = ?'),
  removeEmail: write(database, 'DELETE FROM email WHERE email = ?'),
  ofAccount: [
    some(database, 'mailbox', 'account, mailbox'),
    some(database, 'object', 'account, kind, id'),
    some(database, 'change_log', 'account, modseq'),
    some(database, 'applied', 'owner, effect'),
    some(database, 'step', 'owner, journey, seq'),
  ],
  done: write(database, 'DELETE FROM closed WHERE account = ?'),
});
