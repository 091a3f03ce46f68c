/** The mail API of a whole house: accounts opened once and shared, and the places the pipeline files into. */
import type { Change } from '../../core/change.ts';
import { Fault } from '../../core/fault.ts';
import type { AccountId, IdMaker, MailboxId } from '../../core/ids.ts';
import type { MailboxRole } from '../../core/mailbox.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Keyring } from '../../core/ports/keyring.ts';
import type { Store } from '../../core/ports/store.ts';
import { AccountView, type House } from './account.ts';
import { Bodies } from './bodies.ts';
import { ChangeFan } from './changes.ts';
import { IdlePool } from './idle-pool.ts';
import { DEFAULT_LIMITS, IDLE_ACCOUNTS, IDLE_MAILBOXES, IDLE_MS, IDLE_ROWS, type MailLimits } from './limits.ts';
import { LiveAccount } from './live-account.ts';
import type { MailAccount, Mailboxes } from './mailboxes.ts';
import { Places } from './places.ts';
import { TreeWrites } from './tree-writes.ts';

export type MailboxesParts = Readonly<{
  store: Store;
  keyring: Keyring;
  clock: Clock;
  ids: IdMaker;
  limits?: Partial<MailLimits>;
}>;

/** One account in memory, with whoever has it open. */
type Opened = { live: LiveAccount; writes: TreeWrites; loaded: Promise<void>; users: number; stop: () => void };

export function openMailboxes(parts: MailboxesParts): Mailboxes {
  return new HouseMailboxes(parts);
}

class HouseMailboxes implements Mailboxes {
  readonly #house: House;
  readonly #fan: ChangeFan;
  readonly #places: Places;
  readonly #idle: IdlePool;
  readonly #accounts = new Map<AccountId, Opened>();

  constructor({ store, keyring, clock, ids, limits }: MailboxesParts) {
    const idleBoxes = new IdlePool(clock, { count: IDLE_MAILBOXES, weight: IDLE_ROWS, forMs: IDLE_MS });
    this.#house = { store, keyring, clock, ids, limits: { ...DEFAULT_LIMITS, ...limits }, bodies: new Bodies(), idleBoxes };
    this.#idle = new IdlePool(clock, { count: IDLE_ACCOUNTS, weight: IDLE_ACCOUNTS, forMs: IDLE_MS });
    this.#places = new Places(store);
    this.#fan = new ChangeFan(store, (changes) => this.#hear(changes));
  }

  async open(account: AccountId): Promise<MailAccount> {
    const opened = this.#accounts.get(account) ?? this.#start(account);
    opened.users++;
    this.#idle.take(opened);
    this.#house.idleBoxes.take(opened.live.index);
    try {
      await opened.loaded;
    } catch (error) {
      this.#leave(account, opened);
      throw error;
    }
    return new AccountView(opened.live, opened.writes, this.#house, () => this.#leave(account, opened));
  }

  placeFor(account: AccountId, role: MailboxRole): MailboxId | undefined | Promise<MailboxId | undefined> {
    return this.#places.of(account, role);
  }

  close(): void {
    this.#fan.close();
    this.#house.idleBoxes.clear();
    this.#idle.clear();
    for (const account of this.#accounts.keys()) this.#drop(account);
  }

  #start(account: AccountId): Opened {
    const { store, keyring, clock, ids, limits } = this.#house;
    const key = keyring.of(account);
    if (key === undefined) throw new Fault('unavailable', `the key of account ${account} is gone`);
    const live = new LiveAccount(store.account(account), key, clock);
    const writes = new TreeWrites(live, { ids, clock, mailboxes: limits.mailboxes });
    const stop = this.#fan.listen(account, (changes) => live.receive(changes));
    const opened: Opened = { live, writes, loaded: live.load(), users: 0, stop };
    this.#accounts.set(account, opened);
    // A failed load is not kept: the next one to open tries again.
    opened.loaded.catch(() => this.#accounts.get(account) === opened && this.#drop(account));
    return opened;
  }

  #leave(account: AccountId, opened: Opened): void {
    opened.users--;
    if (opened.users > 0 || this.#accounts.get(account) !== opened) return;
    const { index } = opened.live;
    if (index.weight > 0) this.#house.idleBoxes.keep(index, index.weight, () => index.drop());
    this.#idle.keep(opened, 1, () => this.#drop(account));
  }

  #drop(account: AccountId): void {
    const opened = this.#accounts.get(account);
    if (opened === undefined) return;
    this.#accounts.delete(account);
    this.#idle.take(opened);
    opened.stop();
    opened.live.stop();
    this.#house.idleBoxes.take(opened.live.index);
    for (const box of opened.live.tree.boxes) this.#house.idleBoxes.take(box);
    this.#house.bodies.forget(account);
  }

  #hear(changes: readonly Change[]): void {
    for (const change of changes) if (change.kind === 'mailbox') this.#places.forget(change.account);
  }
}
