/** ENABLE (RFC 9051 §6.3.1): capability names, in upper case. */
import type { Cursor } from '../cursor.ts';

/** Names in one ENABLE. */
const NAME_LIMIT = 50;

export function readEnable(cursor: Cursor): readonly string[] {
  const names: string[] = [];
  cursor.space();
  do names.push(cursor.atom().toUpperCase());
  while (cursor.accept(' '));
  if (names.length > NAME_LIMIT) cursor.fail('Too many capabilities');
  return names;
}
