/** With what somebody signed in, and whether it still holds: streams and subscriptions live no longer (RFC 8620 §7.2). */
import type { AccountId } from '../../../core/ids.ts';
import type { Accounts, SignedIn } from '../../../service/accounts/accounts.ts';

/** The person's own password, or one app password. */
export type PushCredential = 'password' | number;

export const credentialOf = ({ credential }: SignedIn): PushCredential => (credential.kind === 'password' ? 'password' : credential.id);

/** SECURITY: whoever's account was closed, or whose app password was taken away, hears no more. */
export function isStillGood(accounts: Accounts, account: AccountId, credential: PushCredential): boolean {
  const person = accounts.person(account);
  if (person === undefined || person.state === 'closed') return false;
  return credential === 'password' || accounts.appPasswords(account).some(({ id }) => id === credential);
}
