/** Which addresses somebody who signed in may send with. */
import type { Accounts, SignedIn } from '../accounts/accounts.ts';
import { withALabel } from './recipient-address.ts';

/** R-44, and the narrower list an app password may have. */
export function maySend(accounts: Pick<Accounts, 'mayUse'>, signedIn: SignedIn, address: string): boolean {
  const { credential, person } = signedIn;
  const narrowed = credential.kind === 'appPassword' && credential.senders.length > 0;
  if (narrowed && !credential.senders.some((sender) => sender.toLowerCase() === address.toLowerCase())) return false;
  return accounts.mayUse(person.account, withALabel(address));
}
