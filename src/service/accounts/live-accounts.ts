/** Accounts over a directory store: reads from memory, writes through the store. */
import { type MailAddress, splitAddress } from '../../core/address.ts';
import type { AccountId, OrganisationId } from '../../core/ids.ts';
import type { Refusal } from '../../core/refusal.ts';
import type {
  Accounts,
  Alias,
  AppPassword,
  HostedDomain,
  NewPerson,
  Organisation,
  Person,
  RelayRoute,
  Resolution,
  SignIn,
} from './accounts.ts';
import { addAlias, aliasOf, removeAlias } from './aliases.ts';
import { addAppPassword, appPasswordOf, type NewAppPassword, removeAppPassword } from './device-passwords.ts';
import { addDomain, addOrganisation, addRelay, changeOrganisation, domainOf, type OrganisationChange, organisationOf } from './domains.ts';
import type { Habits } from './habits.ts';
import type { Holds } from './holds.ts';
import type { House } from './house.ts';
import { type MadePassword, makePassword } from './made-passwords.ts';
import { addPeople, changePerson, type PersonChange, removePerson } from './people.ts';
import { canonical, resolve } from './resolve.ts';
import { personOf } from './sign-in.ts';

export class LiveAccounts implements Accounts {
  readonly signIn: SignIn;
  readonly #house: House;
  readonly #habits: Habits;
  readonly #holds: Holds;

  constructor(house: House, { habits, holds, signIn }: Readonly<{ habits: Habits; holds: Holds; signIn: SignIn }>) {
    this.#house = house;
    this.#habits = habits;
    this.#holds = holds;
    this.signIn = signIn;
  }

  /** Sessions that end when what they signed in with is taken away. */
  get sessions(): number {
    return this.#holds.count;
  }

  resolve(address: MailAddress): Resolution {
    return resolve(this.#house.directory, address);
  }

  resolvePostmaster(): Resolution {
    const first = this.#house.directory.domains.values().next();
    return first.done === true ? { found: 'foreign' } : this.resolve({ local: 'postmaster', domain: first.value.name });
  }

  person(account: AccountId): Person | undefined {
    const record = this.#house.directory.people.get(account);
    return record === undefined ? undefined : personOf(record);
  }

  personByAddress(address: string): Person | undefined {
    const split = splitAddress(address);
    const where = split === undefined ? undefined : canonical(split);
    const holder = where === undefined ? undefined : this.#house.directory.holder(where);
    return holder?.kind === 'person' ? personOf(holder) : undefined;
  }

  organisation(id: OrganisationId): Organisation | undefined {
    const record = this.#house.directory.organisations.get(id);
    return record === undefined ? undefined : organisationOf(record);
  }

  mayUse(account: AccountId, address: string): boolean {
    const split = splitAddress(address);
    const found = split === undefined ? undefined : this.resolve(split);
    if (found?.found !== 'local') return false;
    const isTarget = found.targets.some((target) => target.to === 'account' && target.account === account);
    // Mail to a role comes to every admin, and any of them may answer; an alias is somebody's only when it is nobody else's.
    return isTarget && (found.through === 'role' || found.targets.length === 1);
  }

  organisations(): readonly Organisation[] {
    return [...this.#house.directory.organisations.values()].map(organisationOf);
  }

  domains(organisation?: OrganisationId): readonly HostedDomain[] {
    return [...this.#house.directory.domains.values()].filter(within(organisation)).map(domainOf);
  }

  relays(): readonly Readonly<{ name: string; route: RelayRoute }>[] {
    return [...this.#house.directory.relays.values()].map(({ name, route }) => ({ name, route }));
  }

  people(organisation?: OrganisationId): readonly Person[] {
    return [...this.#house.directory.people.values()].filter(within(organisation)).map(personOf);
  }

  aliases(organisation?: OrganisationId): readonly Alias[] {
    return [...this.#house.directory.aliases.values()].filter(within(organisation)).map(aliasOf);
  }

  appPasswords(account: AccountId): readonly AppPassword[] {
    return this.#house.directory.appPasswords(account).map((record) => appPasswordOf(record, this.#habits.lastUsed(account, record.id)));
  }

  addOrganisation(ask: Parameters<Accounts['addOrganisation']>[0]): Promise<Organisation | Refusal> {
    return this.#house.alone(() => addOrganisation(this.#house, ask));
  }

  changeOrganisation(id: OrganisationId, change: OrganisationChange): Promise<Organisation | Refusal> {
    return this.#house.alone(() => changeOrganisation(this.#house, id, change));
  }

  addDomain(ask: Parameters<Accounts['addDomain']>[0]): Promise<HostedDomain | Refusal> {
    return this.#house.alone(() => addDomain(this.#house, ask));
  }

  addRelay(ask: Parameters<Accounts['addRelay']>[0]): Promise<Refusal | undefined> {
    return this.#house.alone(() => addRelay(this.#house, ask));
  }

  makePassword(): MadePassword {
    return makePassword(this.#house.dice);
  }

  addPeople(ask: readonly NewPerson[], onProgress?: (done: number) => void): Promise<readonly Person[] | Refusal> {
    return addPeople(this.#house, ask, onProgress);
  }

  changePerson(account: AccountId, change: PersonChange): Promise<Person | Refusal> {
    return changePerson(this.#house, account, change);
  }

  removePerson(account: AccountId): Promise<Refusal | undefined> {
    return this.#house.alone(() => removePerson(this.#house, account));
  }

  addAlias(ask: Parameters<Accounts['addAlias']>[0]): Promise<Alias | Refusal> {
    return this.#house.alone(() => addAlias(this.#house, ask));
  }

  removeAlias(id: number): Promise<Refusal | undefined> {
    return this.#house.alone(() => removeAlias(this.#house, id));
  }

  addAppPassword(ask: NewAppPassword): ReturnType<Accounts['addAppPassword']> {
    return addAppPassword(this.#house, ask, (address) => this.mayUse(ask.account, address));
  }

  removeAppPassword(account: AccountId, id: number): Promise<Refusal | undefined> {
    return this.#house.alone(() => removeAppPassword(this.#house, account, id));
  }

  /** Writes what sign-ins taught and waits for what is under way. */
  async close(): Promise<void> {
    await this.#habits.flush();
    await this.#house.alone(async () => undefined);
  }
}

const within =
  (organisation: OrganisationId | undefined) =>
  (record: Readonly<{ organisation: OrganisationId }>): boolean =>
    organisation === undefined || record.organisation === organisation;
