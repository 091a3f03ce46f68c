/** A keyed hash as a row id: 53 bits, what a number holds exactly. Never 0, which means "none" in places. */
import type { OwnerKey } from '../../core/ports/keyring.ts';

export function hashId(key: OwnerKey, text: string, context: string): number {
  const hash = key.hash(text, context);
  let id = 0;
  for (let at = 0; at < 6; at++) id = id * 256 + (hash[at] ?? 0);
  return Math.max(1, id * 32 + ((hash[6] ?? 0) & 31));
}
