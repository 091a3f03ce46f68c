/** The directory's writes: nouns and their names, wrapped keys, and accounts opened and closed. */
import type { DatabaseSync } from 'node:sqlite';
import type { Command } from '../../core/command.ts';
import type { AccountId } from '../../core/ids.ts';
import type { DirectoryChange } from '../../core/ports/store.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Counters } from './counters.ts';
import { query, write } from './database.ts';
import type { Outbox } from './outbox.ts';

type Of<Do extends DirectoryChange['do']> = Extract<DirectoryChange, { do: Do }>;
/** Runs a batch in the commit under way. */
export type RunBatch = (account: AccountId, batch: readonly Command[]) => Refusal | undefined;
type Parts = Readonly<{ database: DatabaseSync; counters: Counters; outbox: Outbox }>;

export class DirectoryCommit {
  readonly #counters: Counters;
  readonly #outbox: Outbox;
  readonly #run: RunBatch;
  readonly #sql: ReturnType<typeof statements>;

  constructor({ database, counters, outbox }: Parts, run: RunBatch) {
    this.#counters = counters;
    this.#outbox = outbox;
    this.#run = run;
    this.#sql = statements(database);
  }

  change(change: DirectoryChange): Refusal | undefined {
    switch (change.do) {
      case 'put':
        return this.#put(change);
      case 'remove':
        this.#sql.removeNames(change.kind, change.id);
        this.#sql.remove(change.kind, change.id);
        return undefined;
      case 'putKey':
        this.#sql.putKey(change.owner, change.wrapped);
        return undefined;
      case 'destroyKey':
        this.#sql.destroyKey(change.owner);
        return undefined;
      case 'openAccount':
        return this.#openAccount(change);
      case 'setQuota':
        return this.#setQuota(change);
      case 'closeAccount':
        return this.#closeAccount(change.account);
      default:
        return unreachable(change);
    }
  }

  #put({ row: { kind, id, names, sealed } }: Of<'put'>): Refusal | undefined {
    this.#sql.removeNames(kind, id);
    for (const name of names) {
      const [theirs, other] = this.#sql.holder.get(name) ?? [];
      if (theirs !== undefined && (theirs !== kind || other !== id)) return refuse('nameTaken');
      this.#sql.putName(name, kind, id);
    }
    this.#sql.put(kind, id, sealed);
    return undefined;
  }

  #openAccount({ account, organisation, quota, batch }: Of<'openAccount'>): Refusal | undefined {
    if (this.#counters.account(account) !== undefined || this.#sql.isClosed.get(account) !== undefined) return refuse('nameTaken');
    this.#sql.openAccount(account, organisation, quota);
    return this.#run(account, batch);
  }

  #setQuota({ account, quota }: Of<'setQuota'>): Refusal | undefined {
    const row = this.#counters.account(account);
    if (row === undefined) return refuse('notFound', { what: 'account' });
    this.#counters.changingAccount(row);
    row.quota = quota;
    return undefined;
  }

  /** What was the account's is not to be seen from now on; tidy.ts removes the rows bit by bit. */
  #closeAccount(account: AccountId): Refusal | undefined {
    const row = this.#counters.account(account);
    if (row === undefined) return refuse('notFound', { what: 'account' });
    this.#counters.removedAccount(account);
    this.#sql.removeAccount(account);
    this.#sql.close(account, row.logHead);
    this.#outbox.removeAllOf(account);
    return undefined;
  }
}

const statements = (database: DatabaseSync) => ({
  removeNames: write(database, 'DELETE FROM directory_name WHERE kind = ? AND id = ?'),
  remove: write(database, 'DELETE FROM directory WHERE kind = ? AND id = ?'),
  holder: query<[string, number]>(database, 'SELECT kind, id FROM directory_name WHERE name = ?'),
  putName: write(database, 'INSERT OR REPLACE INTO directory_name VALUES (?, ?, ?)'),
  put: write(database, 'INSERT OR REPLACE INTO directory VALUES (?, ?, ?)'),
  putKey: write(database, 'INSERT OR REPLACE INTO wrapped_key VALUES (?, ?)'),
  destroyKey: write(database, 'DELETE FROM wrapped_key WHERE owner = ?'),
  isClosed: query(database, 'SELECT 1 FROM closed WHERE account = ?'),
  openAccount: write(database, 'INSERT INTO account VALUES (?, ?, 1, 0, 0, 0, ?)'),
  removeAccount: write(database, 'DELETE FROM account WHERE account = ?'),
  close: write(database, 'INSERT INTO closed VALUES (?, ?)'),
});
