/** The directory in memory: every noun by id and by name, so that a recipient is looked up in a microsecond. */
import { type MailAddress, addressKey, splitAddress } from '../../core/address.ts';
import type { AccountId, DomainId, OrganisationId } from '../../core/ids.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type {
  AliasRecord,
  AppPasswordRecord,
  DirectoryRecord,
  DomainRecord,
  HabitRecord,
  OrganisationRecord,
  PersonRecord,
  RelayRecord,
} from './records.ts';

/** Who has an address. */
export type Holder = PersonRecord | AliasRecord;
type DomainHolder = DomainRecord | RelayRecord;

/** Addresses in the directory were split when they came in. */
export function ownAddress(text: string): MailAddress {
  const address = splitAddress(text);
  if (address === undefined) throw new Error('an address in the directory is none');
  return address;
}

export class Directory {
  readonly organisations = new Map<OrganisationId, OrganisationRecord>();
  readonly domains = new Map<DomainId, DomainRecord>();
  readonly relays = new Map<number, RelayRecord>();
  readonly people = new Map<AccountId, PersonRecord>();
  readonly aliases = new Map<number, AliasRecord>();
  readonly habits = new Map<AccountId, HabitRecord>();
  readonly #appPasswords = new Map<AccountId, Map<number, AppPasswordRecord>>();
  readonly #byDomain = new Map<string, DomainHolder>();
  readonly #byAddress = new Map<string, Holder>();
  /** Accounts by local part alone: what a bare login name may mean. */
  readonly #byLocal = new Map<string, Set<AccountId>>();
  /** Found when first asked for, forgotten whenever a person changes. */
  readonly #officers = new Map<OrganisationId, readonly PersonRecord[]>();
  readonly #onPerson: (account: AccountId) => void;

  /** @param onPerson hears whose record or app passwords have changed, once the change shows */
  constructor(onPerson: (account: AccountId) => void = () => undefined) {
    this.#onPerson = onPerson;
  }

  put(record: DirectoryRecord): void {
    switch (record.kind) {
      case 'organisation':
        this.organisations.set(record.id, record);
        return;
      case 'domain':
        this.domains.set(record.id, record);
        this.#byDomain.set(record.name, record);
        return;
      case 'relay':
        this.relays.set(record.id, record);
        this.#byDomain.set(record.name, record);
        return;
      case 'person':
        this.people.set(record.id, record);
        this.#officers.delete(record.organisation);
        this.#byAddress.set(addressKey(ownAddress(record.address)), record);
        this.#localHolders(record).add(record.id);
        this.#onPerson(record.id);
        return;
      case 'alias':
        this.aliases.set(record.id, record);
        this.#byAddress.set(addressKey(ownAddress(record.address)), record);
        return;
      case 'appPassword':
        this.#appPasswords.set(record.account, this.#appPasswordsOf(record.account).set(record.id, record));
        return;
      case 'habit':
        this.habits.set(record.id, record);
        return;
      default:
        unreachable(record);
    }
  }

  removeAlias(alias: AliasRecord): void {
    this.aliases.delete(alias.id);
    this.#byAddress.delete(addressKey(ownAddress(alias.address)));
  }

  removePerson(person: PersonRecord): void {
    this.people.delete(person.id);
    this.#officers.delete(person.organisation);
    this.#byAddress.delete(addressKey(ownAddress(person.address)));
    this.#localHolders(person).delete(person.id);
    this.#appPasswords.delete(person.id);
    this.habits.delete(person.id);
    this.#onPerson(person.id);
  }

  removeAppPassword(record: AppPasswordRecord): void {
    this.#appPasswords.get(record.account)?.delete(record.id);
    this.#onPerson(record.account);
  }

  domain(name: string): DomainHolder | undefined {
    return this.#byDomain.get(name);
  }

  holder(address: MailAddress): Holder | undefined {
    return this.#byAddress.get(addressKey(address));
  }

  /** Who answers for an organisation: its admins, else whoever came first. Closed accounts answer for nothing. */
  officers(organisation: OrganisationId): readonly PersonRecord[] {
    const known = this.#officers.get(organisation);
    if (known !== undefined) return known;
    const people = [...this.people.values()].filter((person) => person.organisation === organisation && person.state !== 'closed');
    const admins = people.filter(({ admin }) => admin);
    const officers = admins.length > 0 ? admins : people.slice(0, 1);
    this.#officers.set(organisation, officers);
    return officers;
  }

  appPasswords(account: AccountId): readonly AppPasswordRecord[] {
    return [...this.#appPasswordsOf(account).values()];
  }

  /** People whose address has this local part, in whatever domain. */
  byLocal(local: string): readonly PersonRecord[] {
    const holders = this.#byLocal.get(local.normalize('NFC').toLowerCase()) ?? [];
    return [...holders].map((id) => this.people.get(id)).filter((person) => person !== undefined);
  }

  #appPasswordsOf(account: AccountId): Map<number, AppPasswordRecord> {
    return this.#appPasswords.get(account) ?? new Map<number, AppPasswordRecord>();
  }

  #localHolders(person: PersonRecord): Set<AccountId> {
    const local = ownAddress(person.address).local.normalize('NFC').toLowerCase();
    const holders = this.#byLocal.get(local) ?? new Set<AccountId>();
    this.#byLocal.set(local, holders);
    return holders;
  }
}
