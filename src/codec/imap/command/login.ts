/** LOGIN (RFC 9051 §6.2.3). */
import type { Cursor } from '../cursor.ts';

/** SECURITY: never written to a log. */
export type Login = Readonly<{ user: string; password: string }>;

export function readLogin(cursor: Cursor): Login {
  cursor.space();
  const user = cursor.astring();
  cursor.space();
  return { user, password: cursor.astring() };
}
