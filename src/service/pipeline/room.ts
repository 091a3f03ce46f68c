/** Whether there is room for a message, asked at RCPT: a full mailbox is its owner's affair, not that of the others named with it. */
import type { Store } from '../../core/ports/store.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Accounts, Resolution } from '../accounts/accounts.ts';

type Parts = Readonly<{ accounts: Accounts; store: Store }>;

/**
 * Undefined at once for the many without a quota. One of an address's people
 * with room is enough here.
 */
export function whyNoRoom(
  { accounts, store }: Parts,
  resolution: Resolution,
  declaredSize: number,
): Refusal | undefined | Promise<Refusal | undefined> {
  if (resolution.found !== 'local') return undefined;
  const limited = resolution.targets.flatMap((target) =>
    target.to === 'account' && (accounts.person(target.account)?.quota ?? 0) > 0 ? [target.account] : [],
  );
  if (limited.length === 0 || limited.length < resolution.targets.length) return undefined;
  return Promise.all(limited.map((account) => store.account(account).read({ ask: 'account' }))).then((rows) =>
    rows.every(({ used, quota }) => quota > 0 && (used >= quota || used + declaredSize > quota)) ? refuse('mailboxFull') : undefined,
  );
}

/** Where it turned out at the end: to a sender it is somebody else's mailbox that is full, and worth another try. */
export const inSendersWords = (refusal: Refusal | undefined): Refusal | undefined =>
  refusal?.refusal === 'overQuota' ? refuse('mailboxFull', refusal.facts) : refusal;
