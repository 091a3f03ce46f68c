/**
 * The door of accounts: who is here, which address is whose, and who may sign
 * in. The directory is held in memory, so `resolve` and its like answer at
 * once; every write goes through the store first.
 */
import type { MailAddress } from '../../core/address.ts';
import type { AccountId, DomainId, OrganisationId } from '../../core/ids.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Hold } from './holds.ts';
import type { MadePassword } from './made-passwords.ts';

export type { Hold } from './holds.ts';
export type { LiveAccounts } from './live-accounts.ts';
export { type AccountsParts, openAccounts } from './open-accounts.ts';
export { PEOPLE_AT_ONCE } from './people.ts';
export type { MadePassword } from './made-passwords.ts';
export { JOURNEY_DAYS } from './domains.ts';
export { DEFAULT_MINIMUM, whyWeak } from './password-rules.ts';
export { parseRoute, routeText } from './relay-route.ts';
export { newAddress } from './new-address.ts';

export type Language = 'en' | 'nl';
export type AccountState = 'open' | 'sendingPaused' | 'closed';

export type Organisation = Readonly<{ organisation: OrganisationId; name: string; language: Language; journeyDays: number }>;
export type HostedDomain = Readonly<{ domain: DomainId; organisation: OrganisationId; name: string }>;
export type Person = Readonly<{
  account: AccountId;
  organisation: OrganisationId;
  address: string;
  name: string;
  language: Language;
  state: AccountState;
  quota: number;
  admin: boolean;
  createdAt: number;
}>;
/** `targets` are addresses: local ones are resolved again (bounded), others are sent on. */
export type Alias = Readonly<{ id: number; organisation: OrganisationId; address: string; targets: readonly string[] }>;
export type Scope = 'imap' | 'smtp' | 'jmap' | 'pop3' | 'dav';
export type AppPassword = Readonly<{
  id: number;
  account: AccountId;
  label: string;
  scopes: readonly Scope[] /** Addresses it may send as; empty for all of the account's. */;
  senders: readonly string[];
  createdAt: number;
  lastUsedAt: number | null;
}>;

/** Where an accepted domain that is not hosted here goes: a fixed server, or nowhere (`discard`, for load tests). */
export type RelayRoute = Readonly<{ to: 'fixed'; host: string; port: number }> | Readonly<{ to: 'discard' }>;

export type Target = Readonly<{ to: 'account'; account: AccountId; address: string }> | Readonly<{ to: 'remote'; address: string }>;

/** What a recipient address means here. */
export type Resolution =
  | Readonly<{
      found: 'local';
      organisation: OrganisationId;
      through: 'direct' | 'subaddress' | 'alias' | 'role';
      detail: string | null;
      targets: readonly Target[];
    }>
  | Readonly<{ found: 'relay'; domain: string; route: RelayRoute }>
  /** Our domain, nobody there. */
  | Readonly<{ found: 'nobody'; organisation: OrganisationId }>
  | Readonly<{ found: 'foreign' }>;

/** Who signed in, and with what. */
export type SignedIn = Readonly<{
  person: Person;
  credential: Readonly<{ kind: 'password' }> | Readonly<{ kind: 'appPassword'; id: number; senders: readonly string[] }>;
}>;

/** A sign-in that succeeded. What lasts longer than a question and its answer watches `hold`, and ends when it is lost. */
export type Admission = SignedIn & Readonly<{ hold: Hold }>;

/** What a SCRAM exchange needs (RFC 5802 §5); unknown names get a made-up salt and no credential. One salt serves all of an account's passwords. */
export type ScramOffer = Readonly<{
  salt: Uint8Array;
  iterations: number;
  credentials: readonly Readonly<{ storedKey: Uint8Array; serverKey: Uint8Array }>[];
  /** To be called once with the index of the credential the proof fitted, or undefined: counts, checks scopes, says who it is. */
  finish(index: number | undefined): Admission | Refusal;
}>;

export type Attempt = Readonly<{ protocol: Scope; ip: string }>;

export interface SignIn {
  /** Refuses with wrongPassword, tooManyGuesses, notForThisProtocol, accountClosed. Takes equally long for unknown names. */
  withPassword(login: string, password: string, attempt: Attempt): Promise<Admission | Refusal>;
  scram(login: string, attempt: Attempt): ScramOffer | Refusal;
}

export interface Accounts {
  readonly signIn: SignIn;
  /** `postmaster` and `abuse` always exist in a hosted domain (RFC 5321 §4.5.1, RFC 2142): without a person or alias of that name they go to the organisation's admins, else its first person. */
  resolve(address: MailAddress): Resolution;
  /** RCPT TO:<postmaster> without a domain. */
  resolvePostmaster(): Resolution;
  person(account: AccountId): Person | undefined;
  personByAddress(address: string): Person | undefined;
  organisation(id: OrganisationId): Organisation | undefined;
  /** Addresses a person may send with: their own, their aliases with only them as target, sub-addresses of these; role addresses for admins. */
  mayUse(account: AccountId, address: string): boolean;

  organisations(): readonly Organisation[];
  domains(organisation?: OrganisationId): readonly HostedDomain[];
  people(organisation?: OrganisationId): readonly Person[];
  aliases(organisation?: OrganisationId): readonly Alias[];
  appPasswords(account: AccountId): readonly AppPassword[];

  addOrganisation(ask: Readonly<{ name: string; language: Language }>): Promise<Organisation | Refusal>;
  /** `journeyDays` from 7 to 365. */
  changeOrganisation(id: OrganisationId, change: Readonly<{ language?: Language; journeyDays?: number }>): Promise<Organisation | Refusal>;
  addDomain(ask: Readonly<{ organisation: OrganisationId; name: string }>): Promise<HostedDomain | Refusal>;
  addRelay(ask: Readonly<{ name: string; route: RelayRoute }>): Promise<Refusal | undefined>;
  /** A password nobody guesses: keeping it costs next to nothing. */
  makePassword(): MadePassword;
  /** All or none; thousands in seconds. Each account is born with its mailboxes. */
  addPeople(ask: readonly NewPerson[]): Promise<readonly Person[] | Refusal>;
  changePerson(
    account: AccountId,
    change: Readonly<{
      name?: string;
      language?: Language;
      state?: AccountState;
      quota?: number;
      admin?: boolean;
      password?: string | MadePassword;
    }>,
  ): Promise<Person | Refusal>;
  /** Deletion deletes: the account's key is destroyed. */
  removePerson(account: AccountId): Promise<Refusal | undefined>;
  addAlias(ask: Readonly<{ organisation: OrganisationId; address: string; targets: readonly string[] }>): Promise<Alias | Refusal>;
  removeAlias(id: number): Promise<Refusal | undefined>;
  /** The password is shown once, here. */
  addAppPassword(
    ask: Readonly<{ account: AccountId; label: string; scopes: readonly Scope[]; senders?: readonly string[] }>,
  ): Promise<Readonly<{ appPassword: AppPassword; password: string }> | Refusal>;
  removeAppPassword(account: AccountId, id: number): Promise<Refusal | undefined>;
}

export type NewPerson = Readonly<{
  organisation: OrganisationId;
  address: string;
  name: string;
  password: string | MadePassword;
  language?: Language;
  quota?: number;
  admin?: boolean;
  /** Imports may bring passwords that are too short; they are taken, and said to be weak. */
  acceptWeakPassword?: boolean;
}>;
