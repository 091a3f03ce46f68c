/** CREATE (RFC 9051 §6.3.4), with special uses (RFC 6154 §3). */
import { asciiLower } from '../ascii.ts';
import type { Cursor } from '../cursor.ts';
import { fromWire, canonical, SEPARATOR } from '../mailbox-name.ts';

/** `uses` are attributes in lower case, without backslash. */
export type Create = Readonly<{ mailbox: string; uses: readonly string[] }>;

/** Special uses asked of one mailbox. */
const USE_LIMIT = 10;

export function readCreate(cursor: Cursor): Create {
  cursor.space();
  const name = fromWire(cursor, cursor.astring());
  // A separator at the end only says that children will follow (RFC 9051 §6.3.4).
  const mailbox = canonical(name.endsWith(SEPARATOR) ? name.slice(0, -1) : name);
  const uses: string[] = [];
  if (cursor.accept(' ')) cursor.list(() => readParameter(cursor, uses));
  if (uses.length > USE_LIMIT) cursor.fail('Too many special uses');
  return { mailbox, uses };
}

function readParameter(cursor: Cursor, uses: string[]): void {
  if (!cursor.acceptWord('USE')) return cursor.fail('There is no such parameter');
  cursor.space();
  cursor.list(() => {
    cursor.expect('\\');
    uses.push(asciiLower(cursor.atom()));
  }, 0);
}
