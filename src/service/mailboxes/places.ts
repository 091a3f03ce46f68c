/**
 * Where mail for an account is filed, by role: asked for every delivery, so it
 * is remembered, whether the account is open or not. Ids only; nothing is
 * unsealed for it.
 */
import type { AccountId, MailboxId } from '../../core/ids.ts';
import type { MailboxRole } from '../../core/mailbox.ts';
import type { Store } from '../../core/ports/store.ts';
import { KNOWN_PLACES } from './limits.ts';

type Roles = ReadonlyMap<MailboxRole, MailboxId>;

export class Places {
  readonly #store: Store;
  /** In the order they were read; the oldest goes first. */
  readonly #known = new Map<AccountId, Roles>();
  /** Accounts being read, and whether they changed meanwhile. */
  readonly #reading = new Map<AccountId, Promise<Roles>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The mailbox of that role, else INBOX; a promise only when it must be read. Undefined for an account that is gone. */
  of(account: AccountId, role: MailboxRole): MailboxId | undefined | Promise<MailboxId | undefined> {
    const known = this.#known.get(account);
    return known === undefined ? this.#read(account).then((roles) => placeIn(roles, role)) : placeIn(known, role);
  }

  /** Its mailboxes have changed. */
  forget(account: AccountId): void {
    this.#known.delete(account);
    this.#reading.delete(account);
  }

  #read(account: AccountId): Promise<Roles> {
    const reading = this.#reading.get(account) ?? this.#readNow(account);
    this.#reading.set(account, reading);
    const done = (roles?: Roles): void => {
      // What was forgotten while it was read may be old already.
      if (this.#reading.get(account) !== reading) return;
      this.#reading.delete(account);
      if (roles !== undefined && roles.size > 0) this.#keep(account, roles);
    };
    reading.then(done, () => done());
    return reading;
  }

  async #readNow(account: AccountId): Promise<Roles> {
    const rows = await this.#store.account(account).read({ ask: 'mailboxes' });
    const roles = new Map<MailboxRole, MailboxId>();
    for (const { role, mailbox } of rows) if (role !== null && !roles.has(role)) roles.set(role, mailbox);
    return roles;
  }

  #keep(account: AccountId, roles: Roles): void {
    this.#known.set(account, roles);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KNOWN_PLACES) break;
      this.#known.delete(oldest);
    }
  }
}

const placeIn = (roles: Roles, role: MailboxRole): MailboxId | undefined => roles.get(role) ?? roles.get('inbox');
