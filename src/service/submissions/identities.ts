/**
 * What a person sends with (RFC 8621 §6): for each address that is theirs one
 * identity that comes and goes with the address, and as many more as they make.
 */
import type { AccountId, IdMaker } from '../../core/ids.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Accounts, Person, SignedIn } from '../accounts/accounts.ts';
import { maySend } from '../pipeline/pipeline.ts';
import type { Edit, ObjectShelf, Shelf, ShelfState } from './object-shelf.ts';
import type { ShelfChanges } from './shelf-changes.ts';

export type NamedAddress = Readonly<{ name: string | null; email: string }>;

export type IdentityRecord = Readonly<{
  email: string;
  /** Null: the person's own. */
  name: string | null;
  replyTo: readonly NamedAddress[] | null;
  bcc: readonly NamedAddress[] | null;
  textSignature: string;
  htmlSignature: string;
  /** Of an address of theirs: there as long as the address is. */
  isDefault: boolean;
}>;
export type Identity = Readonly<{ id: number; record: IdentityRecord }>;

/** Identities of one account, those of its addresses among them. */
const IDENTITIES_LIMIT = 200;

const fresh = (email: string): IdentityRecord => ({
  email,
  name: null,
  replyTo: null,
  bcc: null,
  textSignature: '',
  htmlSignature: '',
  isDefault: true,
});

export class Identities {
  readonly #accounts: Accounts;
  readonly #shelf: ObjectShelf<IdentityRecord>;
  readonly #ids: IdMaker;

  constructor(accounts: Accounts, shelf: ObjectShelf<IdentityRecord>, ids: IdMaker) {
    this.#accounts = accounts;
    this.#shelf = shelf;
    this.#ids = ids;
  }

  /** By age; an identity for every address of theirs is among them. */
  async list(account: AccountId): Promise<Readonly<{ state: ShelfState; identities: readonly Identity[] }>> {
    const { state, objects } = await this.#current(account);
    return { state, identities: [...objects].map(([id, { value }]) => ({ id, record: value })) };
  }

  async find(account: AccountId, id: number): Promise<Identity | undefined> {
    const kept = (await this.#current(account)).objects.get(id);
    return kept === undefined ? undefined : { id, record: kept.value };
  }

  async changes(account: AccountId, since: ShelfState, max: number): Promise<ShelfChanges | undefined> {
    await this.#current(account);
    return this.#shelf.changes(account, since, max);
  }

  /** Refuses with `senderNotYours`, and with `overQuota` when there are enough. */
  async create(signedIn: SignedIn, record: Omit<IdentityRecord, 'isDefault'>): Promise<number | Refusal> {
    // SECURITY: an app password narrowed to some senders must not prepare for others.
    if (!maySend(this.#accounts, signedIn, record.email)) return refuse('senderNotYours', { address: record.email });
    const id = this.#ids.next<number>();
    const refused = await this.#write(signedIn.person.account, ({ objects }) =>
      objects.size >= IDENTITIES_LIMIT ? refuse('overQuota') : [{ id, value: { ...record, isDefault: false } }],
    );
    return refused ?? id;
  }

  /** Its address stays. */
  change(account: AccountId, id: number, to: Omit<IdentityRecord, 'email' | 'isDefault'>): Promise<Refusal | undefined> {
    return this.#write(account, ({ objects }) => {
      const kept = objects.get(id);
      return kept === undefined ? refuse('notFound') : [{ id, value: { ...kept.value, ...to } }];
    });
  }

  /** Refuses with `notAllowed` for that of an address of theirs. */
  remove(account: AccountId, id: number): Promise<Refusal | undefined> {
    return this.#write(account, ({ objects }) => {
      const kept = objects.get(id);
      if (kept === undefined) return refuse('notFound');
      return kept.value.isDefault ? refuse('notAllowed', { why: 'every address has an identity' }) : [{ id, value: null }];
    });
  }

  async #write(
    account: AccountId,
    decide: (shelf: Shelf<IdentityRecord>) => Refusal | readonly Edit<IdentityRecord>[],
  ): Promise<Refusal | undefined> {
    let refusal: Refusal | undefined;
    await this.#shelf.write(account, (shelf) => {
      const decided = decide(shelf);
      if (!('refusal' in decided)) return decided;
      refusal = decided;
      return [];
    });
    return refusal;
  }

  /** Addresses come and go with the directory: looked after whenever somebody looks. */
  async #current(account: AccountId): Promise<Shelf<IdentityRecord>> {
    const person = this.#accounts.person(account);
    const shelf = await this.#shelf.of(account);
    if (person === undefined) return shelf;
    const addresses = ownAddresses(this.#accounts, person);
    return this.#missing(shelf, addresses).length === 0 ? shelf : this.#shelf.write(account, (latest) => this.#missing(latest, addresses));
  }

  #missing({ objects }: Shelf<IdentityRecord>, addresses: ReadonlySet<string>): readonly Edit<IdentityRecord>[] {
    const known = [...objects].filter(([, { value }]) => value.isDefault);
    const had = new Set(known.map(([, { value }]) => value.email));
    const left = known.filter(([, { value }]) => !addresses.has(value.email)).map(([id]) => ({ id, value: null }));
    const come = [...addresses].filter((email) => !had.has(email)).map((email) => ({ id: this.#ids.next<number>(), value: fresh(email) }));
    return [...left, ...come];
  }
}

/** Their own address first, then the aliases that are theirs alone. Sub-addresses and roles have identities when somebody makes them. */
function ownAddresses(accounts: Accounts, { account, organisation, address }: Person): ReadonlySet<string> {
  const addresses = new Set([address]);
  for (const alias of accounts.aliases(organisation)) {
    if (addresses.size >= IDENTITIES_LIMIT) break;
    if (alias.targets.length === 1 && accounts.mayUse(account, alias.address)) addresses.add(alias.address);
  }
  return addresses;
}
