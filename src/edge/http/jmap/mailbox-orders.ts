/** The order people gave their mailboxes (RFC 8621 §2, sortOrder): one small sealed object each. */
import { isUnsignedInt } from '../../../codec/jmap/json.ts';
import type { AccountId, MailboxId } from '../../../core/ids.ts';
import type { JmapHost } from './host.ts';

/** RFC 8621 §2: below 2^31. */
const ORDER_LIMIT = 2_147_483_648;

export const isSortOrder = (value: unknown): value is number => isUnsignedInt(value) && value < ORDER_LIMIT;

/** Those that were given; the others have the order of their role. */
export async function ordersOf(host: JmapHost, account: AccountId): Promise<ReadonlyMap<MailboxId, number>> {
  const objects = await host.orders.all(account);
  return new Map(objects.map(({ id, text }) => [id as MailboxId, Number(text)] as const).filter(([, order]) => isSortOrder(order)));
}
