/** A message as the store keeps it, opened for those who read it. */
import type { AccountHandle, EmailRow } from '../../core/ports/store.ts';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import type { Bodies } from './bodies.ts';
import type { Message } from './mailboxes.ts';
import { openMeta } from './meta.ts';

export type Opener = Readonly<{ handle: AccountHandle; key: OwnerKey; bodies: Bodies }>;

/** Undefined when it does not open: a damaged message must not hide the others. */
export function messageOf({ handle, key, bodies }: Opener, row: EmailRow): Message | undefined {
  const { email, thread, size, receivedAt } = row;
  const meta = openMeta(key, handle.account, email, row.meta);
  if (meta === undefined) return undefined;
  const body = { handle, email, key: meta.bodyKey, size };
  return { email, thread, size, receivedAt, structure: meta.structure, read: (from, to) => bodies.read(body, from, to) };
}
