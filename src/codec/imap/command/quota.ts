/** GETQUOTA and GETQUOTAROOT (RFC 9208 §4.1). */
import type { Cursor } from '../cursor.ts';

export type GetQuota = Readonly<{ root: string }>;

export function readGetQuota(cursor: Cursor): GetQuota {
  cursor.space();
  return { root: cursor.astring() };
}
