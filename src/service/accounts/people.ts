/** People: born with a key and mailboxes of their own, changed, and gone with all they had. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { addressKey, addressText, type MailAddress } from '../../core/address.ts';
import type { Command } from '../../core/command.ts';
import type { AccountId, MailboxId } from '../../core/ids.ts';
import { DEFAULT_MAILBOXES, nameKey, sealName } from '../../core/mailbox-name.ts';
import type { NewKey } from '../../core/ports/key-maker.ts';
import type { DirectoryChange } from '../../core/ports/store.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { AccountState, Language, NewPerson, Person } from './accounts.ts';
import { ownAddress } from './directory.ts';
import { cleanName, type House, keep } from './house.ts';
import { hashMade, type MadePassword } from './made-passwords.ts';
import { newAddress } from './new-address.ts';
import { prepared, whyNotPassword, whyWeak } from './password-rules.ts';
import { type PersonRecord, type ScramKeys, writeRecord } from './records.ts';
import { scramSalt } from './scram-salt.ts';
import { personOf } from './sign-in.ts';

/** One commit: a large school's import, and still a few seconds of one. */
export const PEOPLE_AT_ONCE = 20_000;

/** Births in one turn of the event loop, about 5 ms: mail goes on arriving during an import. */
const BIRTHS_PER_TURN = 20;

export type PersonChange = Readonly<{
  name?: string;
  language?: Language;
  state?: AccountState;
  quota?: number;
  admin?: boolean;
  password?: string | MadePassword;
}>;

/** A person checked and not yet there. */
type Candidate = Readonly<{ ask: NewPerson; address: MailAddress; name: string }>;
type Hashes = Readonly<{ argon2: string; scram: ScramKeys }>;
type Birth = Readonly<{ record: PersonRecord; made: NewKey; changes: readonly DirectoryChange[] }>;

function hashesOf({ hasher, gate, keys }: House, who: string, password: string | MadePassword): Promise<Hashes> {
  const plain = typeof password === 'string' ? prepared(password) : password.made;
  if (plain === undefined) throw new Error('a password that cannot be prepared was let through');
  return gate.patiently(async () => {
    const argon2 = typeof password === 'string' ? await hasher.hash(plain) : hashMade(keys, who, password);
    return { argon2, scram: await hasher.scramKeys(plain, scramSalt(keys, who)) };
  });
}

/** All or none. `onProgress` hears how many passwords are done, which is nearly all there is to wait for. */
export async function addPeople(
  house: House,
  asks: readonly NewPerson[],
  onProgress: (done: number) => void = () => undefined,
): Promise<readonly Person[] | Refusal> {
  if (asks.length > PEOPLE_AT_ONCE) return refuse('badValue', { what: 'people', why: 'tooMany', limit: String(PEOPLE_AT_ONCE) });
  const candidates = checkAll(house, asks);
  if (isRefusal(candidates)) return candidates;
  let done = 0;
  const hashes = await eachInTurn(candidates, house.gate.places + WORKERS_IN_LINE, async ({ ask, address }) => {
    const hashed = await hashesOf(house, addressKey(address), ask.password);
    onProgress(++done);
    return hashed;
  });
  return house.alone(() => giveBirth(house, candidates, hashes));
}

/** Workers besides one for each place of the gate: enough to keep it busy, few enough to leave its line to those who sign in. */
const WORKERS_IN_LINE = 2;

async function eachInTurn<In, Out>(list: readonly In[], workers: number, work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  const rest = list.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of rest) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return results;
}

function checkAll(house: House, asks: readonly NewPerson[]): readonly Candidate[] | Refusal {
  const candidates: Candidate[] = [];
  const seen = new Set<string>();
  for (const [at, ask] of asks.entries()) {
    const candidate = check(house, ask);
    // Which of a thousand it was: the importer knows the rest.
    if (isRefusal(candidate)) return refuse(candidate.refusal, { ...candidate.facts, at: String(at) });
    const key = addressKey(candidate.address);
    if (seen.has(key) || house.directory.holder(candidate.address) !== undefined) {
      return refuse('nameTaken', { what: 'address', value: ask.address, at: String(at) });
    }
    seen.add(key);
    candidates.push(candidate);
  }
  return candidates;
}

function check(house: House, ask: NewPerson): Candidate | Refusal {
  const address = newAddress(ask.address);
  if (isRefusal(address)) return address;
  const name = cleanName(ask.name === '' ? address.local : ask.name);
  if (isRefusal(name)) return name;
  const domain = house.directory.domain(address.domain);
  if (domain?.kind !== 'domain' || domain.organisation !== ask.organisation)
    return refuse('notFound', { what: 'domain', value: address.domain });
  if (!isQuota(ask.quota ?? 0)) return refuse('badValue', { what: 'quota' });
  if (typeof ask.password !== 'string') return { ask, address, name };
  const refused = whyNotPassword(ask.password);
  if (refused !== undefined) return refused;
  const weak = whyWeak(ask.password, { address: addressText(address), name }, house.minimumPassword);
  return weak !== undefined && ask.acceptWeakPassword !== true ? weak : { ask, address, name };
}

const isQuota = (quota: number): boolean => Number.isSafeInteger(quota) && quota >= 0;

async function giveBirth(house: House, candidates: readonly Candidate[], hashes: readonly Hashes[]): Promise<readonly Person[] | Refusal> {
  const births: Birth[] = [];
  for (const [at, candidate] of candidates.entries()) {
    const hashed = hashes[at];
    if (hashed === undefined) throw new Error('a password was not hashed');
    births.push(birth(house, candidate, hashed));
    if (at % BIRTHS_PER_TURN === BIRTHS_PER_TURN - 1) await nextTurn();
  }
  const refused = await house.store.write(births.flatMap(({ changes }) => changes));
  if (refused !== undefined) return refused;
  for (const { record, made } of births) {
    house.keys.adopt(made);
    house.directory.put(record);
    house.cache.drop(addressKey(ownAddress(record.address)));
  }
  return births.map(({ record }) => personOf(record));
}

function birth(house: House, { ask, address, name }: Candidate, hashes: Hashes): Birth {
  const id: AccountId = house.ids.next();
  const record: PersonRecord = {
    kind: 'person',
    id,
    organisation: ask.organisation,
    address: addressText(address),
    name,
    language: ask.language ?? house.directory.organisations.get(ask.organisation)?.language ?? 'en',
    state: 'open',
    quota: ask.quota ?? 0,
    admin: ask.admin ?? false,
    createdAt: house.clock.now(),
    ...hashes,
  };
  const made = house.keys.make(id, ask.organisation);
  const changes: DirectoryChange[] = [
    { do: 'putKey', owner: id, wrapped: made.wrapped },
    { do: 'put', row: writeRecord(house.keys, record, made.key) },
    { do: 'openAccount', account: id, organisation: ask.organisation, quota: record.quota, batch: mailboxes(house, id, made) },
  ];
  return { record, made, changes };
}

function mailboxes(house: House, account: AccountId, { key }: NewKey): readonly Command[] {
  // RFC 9051 §2.3.1.1: 32 bits, never less than before for a name that comes back; seconds do that until 2106.
  const uidValidity = Math.floor(house.clock.now() / 1000);
  return DEFAULT_MAILBOXES.map(({ name, role }) => {
    const mailbox = house.ids.next<MailboxId>();
    return {
      do: 'createMailbox',
      mailbox,
      parent: null,
      nameKey: nameKey(key, account, null, name),
      name: sealName(key, account, mailbox, name),
      role,
      subscribed: true,
      uidValidity,
    };
  });
}

export async function changePerson(house: House, account: AccountId, change: PersonChange): Promise<Person | Refusal> {
  const before = house.directory.people.get(account);
  if (before === undefined) return refuse('notFound', { what: 'person' });
  const name = change.name === undefined ? before.name : cleanName(change.name);
  if (isRefusal(name)) return name;
  if (!isQuota(change.quota ?? 0)) return refuse('badValue', { what: 'quota' });
  const hashes = change.password === undefined ? {} : await newHashes(house, { address: before.address, name }, change.password);
  if (isRefusal(hashes)) return hashes;
  return house.alone(async () => {
    const now = house.directory.people.get(account);
    if (now === undefined) return refuse('notFound', { what: 'person' });
    const { password: _, ...plain } = change;
    const after: PersonRecord = { ...now, ...plain, ...(change.name === undefined ? {} : { name }), ...hashes };
    const also: DirectoryChange[] = after.quota === now.quota ? [] : [{ do: 'setQuota', account, quota: after.quota }];
    const refused = await keep(house, after, also);
    if (refused !== undefined) return refused;
    house.cache.drop(addressKey(ownAddress(after.address)));
    return personOf(after);
  });
}

type About = Readonly<{ address: string; name: string }>;

async function newHashes(house: House, about: About, password: string | MadePassword): Promise<Hashes | Refusal> {
  const isGiven = typeof password === 'string';
  const refused = isGiven ? (whyNotPassword(password) ?? whyWeak(password, about, house.minimumPassword)) : undefined;
  return refused ?? hashesOf(house, addressKey(ownAddress(about.address)), password);
}

/** Row, app passwords, mail and key in one commit; without the key the backups of it are noise too. */
export async function removePerson(house: House, account: AccountId): Promise<Refusal | undefined> {
  const record = house.directory.people.get(account);
  if (record === undefined) return refuse('notFound', { what: 'person' });
  const appPasswords = house.directory.appPasswords(account);
  const refused = await house.store.write([
    ...appPasswords.map(({ id }): DirectoryChange => ({ do: 'remove', kind: 'appPassword', id })),
    { do: 'remove', kind: 'habit', id: account },
    { do: 'remove', kind: 'person', id: account },
    { do: 'closeAccount', account },
    { do: 'destroyKey', owner: account },
  ]);
  if (refused !== undefined) return refused;
  house.directory.removePerson(record);
  house.keys.forget(account);
  house.cache.drop(addressKey(ownAddress(record.address)));
  return undefined;
}
