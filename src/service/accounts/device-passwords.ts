/** Making and withdrawing app passwords. */
import type { AccountId } from '../../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { AppPassword, Scope } from './accounts.ts';
import { APP_PASSWORDS_LIMIT, hashAppPassword, newAppPassword, readAppPassword } from './app-passwords.ts';
import { addressKey } from '../../core/address.ts';
import { ownAddress } from './directory.ts';
import { cleanName, type House, keep } from './house.ts';
import type { AppPasswordRecord } from './records.ts';
import { scramSalt } from './scram-salt.ts';

export type NewAppPassword = Readonly<{ account: AccountId; label: string; scopes: readonly Scope[]; senders?: readonly string[] }>;

export function appPasswordOf(
  { id, account, label, scopes, senders, createdAt }: AppPasswordRecord,
  lastUsedAt: number | null,
): AppPassword {
  return { id, account, label, scopes, senders, createdAt, lastUsedAt };
}

/** @param mayUse whether the account may send with an address: an app password never may more */
export async function addAppPassword(
  house: House,
  ask: NewAppPassword,
  mayUse: (address: string) => boolean,
): Promise<Readonly<{ appPassword: AppPassword; password: string }> | Refusal> {
  const person = house.directory.people.get(ask.account);
  const key = house.keys.of(ask.account);
  if (person === undefined || key === undefined) return refuse('notFound', { what: 'person' });
  const label = cleanName(ask.label);
  if (isRefusal(label)) return label;
  const senders = ask.senders ?? [];
  const foreign = senders.find((sender) => !mayUse(sender));
  if (foreign !== undefined) return refuse('senderNotYours', { value: foreign });
  if (ask.scopes.length === 0) return refuse('badValue', { what: 'scopes', why: 'empty' });
  const password = newAppPassword(house.dice);
  const scram = await house.gate.patiently(() =>
    house.hasher.scramKeys(password, scramSalt(house.keys, addressKey(ownAddress(person.address)))),
  );
  return house.alone(async () => {
    if (house.directory.appPasswords(ask.account).length >= APP_PASSWORDS_LIMIT) {
      return refuse('badValue', { what: 'appPasswords', why: 'tooMany', limit: String(APP_PASSWORDS_LIMIT) });
    }
    const record: AppPasswordRecord = {
      kind: 'appPassword',
      id: house.ids.next(),
      account: ask.account,
      label,
      scopes: [...new Set(ask.scopes)],
      senders,
      createdAt: house.clock.now(),
      hash: hashAppPassword(key, readAppPassword(password) ?? password),
      scram,
    };
    return (await keep(house, record)) ?? { appPassword: appPasswordOf(record, null), password };
  });
}

export async function removeAppPassword(house: House, account: AccountId, id: number): Promise<Refusal | undefined> {
  const record = house.directory.appPasswords(account).find((candidate) => candidate.id === id);
  // SECURITY: somebody else's id is as good as none.
  if (record === undefined) return refuse('notFound', { what: 'appPassword' });
  const refused = await house.store.write([{ do: 'remove', kind: 'appPassword', id }]);
  if (refused === undefined) house.directory.removeAppPassword(record);
  return refused;
}
