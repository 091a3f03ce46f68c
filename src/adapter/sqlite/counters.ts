/**
 * The rows that every delivery changes (an account's modseq and use, a
 * mailbox's next UID and totals), held in memory by the one thread that writes
 * them, and written once per group commit. A batch that is taken back takes
 * its counts back too.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { AccountId, MailboxId, OrganisationId } from '../../core/ids.ts';
import { query, write } from './database.ts';

/** Rows kept between commits; beyond this all are let go, which costs a few look-ups. */
const MAX_KEPT = 50_000;

export type AccountNow = {
  account: AccountId;
  organisation: OrganisationId;
  modseq: number;
  /** Its newest row in the log. */ logHead: number;
  used: number;
  quota: number;
};
export type MailboxNow = {
  mailbox: MailboxId;
  account: AccountId;
  uidValidity: number;
  uidNext: number;
  highestModseq: number;
  total: number;
  unseen: number;
  deleted: number;
  size: number;
};

export class Counters {
  readonly #accounts = new Map<AccountId, AccountNow>();
  readonly #mailboxes = new Map<MailboxId, MailboxNow>();
  readonly #dirtyAccounts = new Set<AccountNow>();
  readonly #dirtyMailboxes = new Set<MailboxNow>();
  /** Rows whose state before the batch under way is remembered. */
  readonly #remembered = new Set<AccountNow | MailboxNow>();
  /** How to take the batch under way back. */
  #undo: (() => void)[] = [];
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync) {
    this.#sql = statements(database);
  }

  account(account: AccountId): AccountNow | undefined {
    const known = this.#accounts.get(account);
    if (known !== undefined) return known;
    const row = this.#sql.account.get(account);
    if (row === undefined) return undefined;
    const [organisation, modseq, logHead, used, quota] = row;
    const now = { account, organisation: organisation as OrganisationId, modseq, logHead, used, quota };
    this.#accounts.set(account, now);
    return now;
  }

  /** A mailbox of this account; another account's does not exist here. */
  mailbox(account: AccountId, mailbox: MailboxId): MailboxNow | undefined {
    const known = this.#mailboxes.get(mailbox) ?? this.#load(account, mailbox);
    return known?.account === account ? known : undefined;
  }

  /** To be called before a row is changed. */
  changingAccount(row: AccountNow): void {
    this.#remember(row);
    this.#dirtyAccounts.add(row);
  }

  changingMailbox(row: MailboxNow): void {
    this.#remember(row);
    this.#dirtyMailboxes.add(row);
  }

  /** The row was removed from its table. */
  removedMailbox(row: MailboxNow): void {
    const dirty = this.#dirtyMailboxes.delete(row);
    this.#mailboxes.delete(row.mailbox);
    this.#undo.push(() => {
      this.#mailboxes.set(row.mailbox, row);
      if (dirty) this.#dirtyMailboxes.add(row);
    });
  }

  /** The row, and its mailboxes, were removed from their tables. */
  removedAccount(account: AccountId): void {
    for (const row of this.#mailboxes.values()) if (row.account === account) this.removedMailbox(row);
    const row = this.#accounts.get(account);
    if (row === undefined) return;
    const dirty = this.#dirtyAccounts.delete(row);
    this.#accounts.delete(account);
    this.#undo.push(() => {
      this.#accounts.set(account, row);
      if (dirty) this.#dirtyAccounts.add(row);
    });
  }

  keepBatch(): void {
    this.#undo.length = 0;
    this.#remembered.clear();
  }

  undoBatch(): void {
    for (const step of this.#undo.reverse()) step();
    this.keepBatch();
  }

  /** Writes what changed: once per group, before its COMMIT. */
  flush(): void {
    for (const { account, modseq, logHead, used, quota } of this.#dirtyAccounts)
      this.#sql.saveAccount(modseq, logHead, used, quota, account);
    for (const row of this.#dirtyMailboxes) {
      const { uidNext, highestModseq, total, unseen, deleted, size, account, mailbox } = row;
      this.#sql.saveMailbox(uidNext, highestModseq, total, unseen, deleted, size, account, mailbox);
    }
    this.#dirtyAccounts.clear();
    this.#dirtyMailboxes.clear();
    if (this.#accounts.size + this.#mailboxes.size > MAX_KEPT) this.forget();
  }

  /** The group was rolled back: the tables know better. */
  forget(): void {
    this.#accounts.clear();
    this.#mailboxes.clear();
    this.#dirtyAccounts.clear();
    this.#dirtyMailboxes.clear();
    this.keepBatch();
  }

  #remember(row: AccountNow | MailboxNow): void {
    if (this.#remembered.has(row)) return;
    this.#remembered.add(row);
    const before = { ...row };
    this.#undo.push(() => Object.assign(row, before));
  }

  #load(account: AccountId, mailbox: MailboxId): MailboxNow | undefined {
    const row = this.#sql.mailbox.get(account, mailbox);
    if (row === undefined) return undefined;
    const [uidValidity, uidNext, highestModseq, total, unseen, deleted, size] = row;
    const now = { mailbox, account, uidValidity, uidNext, highestModseq, total, unseen, deleted, size };
    this.#mailboxes.set(mailbox, now);
    return now;
  }
}

const statements = (database: DatabaseSync) => ({
  account: query<[number, number, number, number, number]>(
    database,
    'SELECT organisation, modseq, log_head, used, quota FROM account WHERE account = ?',
  ),
  mailbox: query<[number, number, number, number, number, number, number]>(
    database,
    'SELECT uid_validity, uid_next, highest_modseq, total, unseen, deleted, size FROM mailbox WHERE account = ? AND mailbox = ?',
  ),
  saveAccount: write(database, 'UPDATE account SET modseq = ?, log_head = ?, used = ?, quota = ? WHERE account = ?'),
  saveMailbox: write(
    database,
    'UPDATE mailbox SET uid_next = ?, highest_modseq = ?, total = ?, unseen = ?, deleted = ?, size = ? WHERE account = ? AND mailbox = ?',
  ),
});
