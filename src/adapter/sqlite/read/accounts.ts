/** Reading an account: its row, its mailboxes, its small objects, its changes. */
import type { DatabaseSync } from 'node:sqlite';
import type { AccountId, MailboxId, Uid } from '../../../core/ids.ts';
import type { MailboxRole, MailboxRow } from '../../../core/mailbox.ts';
import type { AccountRow, Answers } from '../../../core/ports/store.ts';
import { fromRanges, logItems, type Logged } from '../change-log.ts';
import { query } from '../database.ts';

export type ChangesSince = Readonly<{ account: AccountId; epoch: number; modseq: number; max: number }>;
export type LoggedChanges = Readonly<{ logged: readonly Logged[]; to: number; complete: boolean }>;

const NOBODY: AccountRow = { epoch: 0, modseq: 0, used: 0, quota: 0 };
/** Commits that may lie between then and now; who was away for more synchronises anew, which is quicker. */
const MAX_LOG_ROWS = 20_000;

export class ReadAccounts {
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync) {
    this.#sql = statements(database);
  }

  /** False for an account that was closed, or never opened: its rows may still be there, but are not to be seen. */
  isOpen(account: AccountId): boolean {
    return this.#sql.account.get(account) !== undefined;
  }

  row(account: AccountId): AccountRow {
    const row = this.#sql.account.get(account);
    if (row === undefined) return NOBODY;
    const [epoch, modseq, used, quota] = row;
    return { epoch, modseq, used, quota };
  }

  mailboxes(account: AccountId): MailboxRow[] {
    return this.#sql.mailboxes.all(account).map((row) => ({
      mailbox: row[0] as MailboxId,
      parent: row[1] as MailboxId | null,
      nameKey: row[2],
      name: row[3],
      role: row[4] as MailboxRole | null,
      subscribed: row[5] === 1,
      uidValidity: row[6],
      uidNext: row[7],
      highestModseq: row[8],
      total: row[9],
      unseen: row[10],
      deleted: row[11],
      size: row[12],
    }));
  }

  objects(account: AccountId, kind: string): Answers['objects'] {
    return this.#sql.objects.all(account, kind).map(([id, value]) => ({ id, value }));
  }

  vanished(account: AccountId, { mailbox, since }: Readonly<{ mailbox: MailboxId; since: number }>): Answers['vanished'] {
    const log = this.#log(account, since);
    if (log === undefined) return { uids: [], complete: false };
    const uids = log.flatMap(({ items }) =>
      // Most rows expunge nothing: they are not worth parsing.
      items.includes('"expunged"')
        ? logItems(items).flatMap((item) => (item[0] === 'expunged' && item[1] === mailbox ? fromRanges<Uid>(item[2]) : []))
        : [],
    );
    return { uids: uids.sort((a, b) => a - b), complete: true };
  }

  /** Whole commits until there are `max` changes, so that `to` never stands in the middle of one. */
  changes({ account, epoch, modseq: since, max }: ChangesSince): LoggedChanges {
    const [nowEpoch, modseq = 0] = this.#sql.account.get(account) ?? [];
    const log = epoch === nowEpoch ? this.#log(account, since) : undefined;
    if (log === undefined) return { logged: [], to: modseq, complete: false };
    let count = 0;
    const end = log.findIndex(({ items }) => (count += logItems(items).length) >= max);
    const logged = end < 0 ? log : log.slice(0, end + 1);
    return { logged, to: logged.at(-1)?.modseq ?? modseq, complete: true };
  }

  /** The commits after `since`, oldest first; undefined when they are not all known. */
  #log(account: AccountId, since: number): Logged[] | undefined {
    const [, modseq = 0, , , head = 0] = this.#sql.account.get(account) ?? [];
    const wanted = modseq - since;
    if (modseq === 0 || wanted < 0 || wanted > MAX_LOG_ROWS) return undefined;
    const rows = wanted === 0 ? [] : this.#sql.log.all(head, since + 1);
    // There is a row for every modseq: where one is missing, the chain is cut.
    if (rows.length !== wanted) return undefined;
    return rows.map(([found, items]) => ({ account, modseq: found, items })).sort((a, b) => a.modseq - b.modseq);
  }
}

type Bytes = Uint8Array<ArrayBuffer>;
type MailboxColumns = [number, number | null, Bytes, Bytes, string | null, number, number, number, number, number, number, number, number];

const statements = (database: DatabaseSync) => ({
  account: query<[number, number, number, number, number]>(
    database,
    'SELECT epoch, modseq, used, quota, log_head FROM account WHERE account = ?',
  ),
  mailboxes: query<MailboxColumns>(
    database,
    `SELECT mailbox, parent, name_key, name, role, subscribed, uid_validity, uid_next, highest_modseq, total, unseen, deleted, size
     FROM mailbox WHERE account = ? ORDER BY mailbox`,
  ),
  objects: query<[number, Bytes]>(database, 'SELECT id, value FROM object WHERE account = ? AND kind = ? ORDER BY id'),
  log: query<[number, string]>(
    database,
    `WITH RECURSIVE chain (modseq, items, previous) AS (
       SELECT modseq, items, previous FROM change_log WHERE id = ?
       UNION ALL
       SELECT older.modseq, older.items, older.previous FROM chain JOIN change_log older ON older.id = chain.previous
       WHERE chain.modseq > ?
     ) SELECT modseq, items FROM chain`,
  ),
});
