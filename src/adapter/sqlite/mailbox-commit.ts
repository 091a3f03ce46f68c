/** Commands on mailboxes: created, renamed, moved and deleted. */
import type { DatabaseSync } from 'node:sqlite';
import type { Command, CommandResult } from '../../core/command.ts';
import type { AccountId, MailboxId } from '../../core/ids.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Batch, Parts } from './account-commit.ts';
import type { Counters } from './counters.ts';
import { query, write } from './database.ts';
import type { Entries } from './entry-commit.ts';

type Of<Do extends Command['do']> = Extract<Command, { do: Do }>;
type Where = Readonly<{ account: AccountId; mailbox: MailboxId; parent: MailboxId | null; nameKey: Uint8Array }>;

export class Mailboxes {
  readonly #counters: Counters;
  readonly #entries: Entries;
  readonly #sql: ReturnType<typeof statements>;

  constructor({ counters, database }: Parts, entries: Entries) {
    this.#counters = counters;
    this.#entries = entries;
    this.#sql = statements(database);
  }

  create(batch: Batch, command: Of<'createMailbox'>): CommandResult | Refusal {
    const { account } = batch.account;
    const { mailbox, parent, nameKey, name, role, subscribed, uidValidity } = command;
    if (parent !== null && this.#counters.mailbox(account, parent) === undefined) return refuse('mailboxGone');
    if (this.#sql.isThere.get(mailbox) !== undefined || this.#isTaken({ account, mailbox, parent, nameKey }))
      return refuse('mailboxExists');
    this.#sql.create(account, mailbox, parent, nameKey, name, role, Number(subscribed), uidValidity, batch.modseq());
    batch.items.push(['mailbox', mailbox, 'created']);
    return { did: 'createMailbox' };
  }

  update(batch: Batch, { mailbox, place, role, subscribed }: Of<'updateMailbox'>): CommandResult | Refusal {
    const { account } = batch.account;
    if (this.#counters.mailbox(account, mailbox) === undefined) return refuse('mailboxGone');
    const refused = place === undefined ? undefined : this.#whyNotThere({ account, mailbox, ...place });
    if (refused !== undefined) return refused;
    if (place !== undefined) this.#sql.place(place.parent, place.nameKey, place.name, account, mailbox);
    if (role !== undefined) this.#sql.role(role, account, mailbox);
    if (subscribed !== undefined) this.#sql.subscribe(Number(subscribed), account, mailbox);
    batch.modseq();
    batch.items.push(['mailbox', mailbox, 'updated']);
    return { did: 'updateMailbox' };
  }

  delete(batch: Batch, { mailbox }: Of<'deleteMailbox'>): CommandResult | Refusal {
    const { account } = batch.account;
    const row = this.#counters.mailbox(account, mailbox);
    if (row === undefined) return refuse('mailboxGone');
    if (this.#sql.hasChild.get(account, mailbox) !== undefined) return refuse('mailboxHasChildren');
    this.#entries.clear(batch, row);
    this.#sql.delete(account, mailbox);
    this.#counters.removedMailbox(row);
    batch.modseq();
    batch.items.push(['mailbox', mailbox, 'deleted']);
    return { did: 'deleteMailbox' };
  }

  #whyNotThere(where: Where): Refusal | undefined {
    for (let above = where.parent; above !== null; ) {
      const row = this.#sql.parent.get(where.account, above);
      if (row === undefined) return refuse('mailboxGone');
      if (above === where.mailbox) return refuse('notAllowed', { why: 'a mailbox cannot be inside itself' });
      above = row[0] as MailboxId | null;
    }
    return this.#isTaken(where) ? refuse('mailboxExists') : undefined;
  }

  #isTaken({ account, mailbox, parent, nameKey }: Where): boolean {
    const holder = this.#sql.named.get(account, parent ?? 0, nameKey);
    return holder !== undefined && holder[0] !== mailbox;
  }
}

const statements = (database: DatabaseSync) => ({
  isThere: query(database, 'SELECT 1 FROM mailbox WHERE mailbox = ?'),
  named: query<[number]>(database, 'SELECT mailbox FROM mailbox WHERE account = ? AND ifnull(parent, 0) = ? AND name_key = ?'),
  parent: query<[number | null]>(database, 'SELECT parent FROM mailbox WHERE account = ? AND mailbox = ?'),
  hasChild: query(database, 'SELECT 1 FROM mailbox WHERE account = ? AND parent = ?'),
  create: write(database, 'INSERT INTO mailbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, 0, 0, 0, 0)'),
  place: write(database, 'UPDATE mailbox SET parent = ?, name_key = ?, name = ? WHERE account = ? AND mailbox = ?'),
  role: write(database, 'UPDATE mailbox SET role = ? WHERE account = ? AND mailbox = ?'),
  subscribe: write(database, 'UPDATE mailbox SET subscribed = ? WHERE account = ? AND mailbox = ?'),
  delete: write(database, 'DELETE FROM mailbox WHERE account = ? AND mailbox = ?'),
});
