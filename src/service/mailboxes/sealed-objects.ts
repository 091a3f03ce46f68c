/** Small things of an account that are no mail, kept sealed with its key: one object each. */
import type { ObjectKind } from '../../core/command.ts';
import { Fault } from '../../core/fault.ts';
import type { AccountId } from '../../core/ids.ts';
import type { Keyring, OwnerKey } from '../../core/ports/keyring.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRefusal, type Refusal } from '../../core/refusal.ts';

export type SealedObject = Readonly<{ id: number; text: string }>;

export class SealedObjects {
  readonly #store: Store;
  readonly #keyring: Keyring;
  readonly #kind: ObjectKind;

  constructor({ store, keyring }: Readonly<{ store: Store; keyring: Keyring }>, kind: ObjectKind) {
    this.#store = store;
    this.#keyring = keyring;
    this.#kind = kind;
  }

  /** By ascending id; what does not open is left out. Throws a Fault for an account whose key is gone. */
  async all(account: AccountId): Promise<readonly SealedObject[]> {
    const key = this.#key(account);
    const rows = await this.#store.account(account).read({ ask: 'objects', object: this.#kind });
    return rows.flatMap(({ id, value }) => {
      const text = key.open(value, this.#context(account, id))?.toString('utf8');
      return text === undefined ? [] : [{ id, text }];
    });
  }

  /** Adds or replaces; null removes. */
  async put(account: AccountId, id: number, text: string | null): Promise<Refusal | undefined> {
    const value = text === null ? null : this.#key(account).seal(text, this.#context(account, id));
    const applied = await this.#store.account(account).apply([{ do: 'putObject', object: this.#kind, id, value }]);
    return isRefusal(applied) ? applied : undefined;
  }

  /** Where the account's changes stand. */
  async state(account: AccountId): Promise<Readonly<{ epoch: number; modseq: number }>> {
    const { epoch, modseq } = await this.#store.account(account).read({ ask: 'account' });
    return { epoch, modseq };
  }

  #key(account: AccountId): OwnerKey {
    const key = this.#keyring.of(account);
    if (key === undefined) throw new Fault('unavailable', `the key of account ${account} is gone`);
    return key;
  }

  #context(account: AccountId, id: number): string {
    return `${this.#kind}/${account}/${id}`;
  }
}
