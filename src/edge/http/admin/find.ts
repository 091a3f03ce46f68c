/** Nouns by the names people use for them. */
import { isRefusal, type Refusal, refuse } from '../../../core/refusal.ts';
import { newAddress, type Organisation, type Person } from '../../../service/accounts/accounts.ts';
import type { Desk } from './desk.ts';

/** By name or id; without a name, the only one there is. */
export function findOrganisation({ accounts }: Desk, name: string | null | undefined): Organisation | Refusal {
  const all = accounts.organisations();
  if (name === null || name === undefined || name === '') {
    const [only] = all;
    if (only !== undefined && all.length === 1) return only;
    return all.length === 0
      ? refuse('notFound', { what: 'organisation', why: 'none yet' })
      : refuse('badValue', { what: 'organisation', why: 'there are several: name one' });
  }
  const wanted = name.normalize('NFC').toLowerCase();
  const found = all.find(({ organisation, name: own }) => String(organisation) === name || own.toLowerCase() === wanted);
  return found ?? refuse('notFound', { what: 'organisation', value: name });
}

export function findPerson({ accounts }: Desk, address: string): Person | Refusal {
  return accounts.personByAddress(address) ?? refuse('notFound', { what: 'person', value: address });
}

/** The organisation whose domain an address is in; what is no address is said to be none. */
export function findHost({ accounts }: Desk, text: string): Organisation['organisation'] | Refusal {
  const address = newAddress(text);
  if (isRefusal(address)) return address;
  const found = accounts.resolve({ local: 'postmaster', domain: address.domain });
  if (found.found === 'local' || found.found === 'nobody') return found.organisation;
  return refuse('notFound', { what: 'domain', value: address.domain });
}

export const instant = (ms: number): string => new Date(ms).toISOString();
