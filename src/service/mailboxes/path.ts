/**
 * Paths of mailboxes as people and IMAP write them: levels with '/' between.
 * INBOX has no case (RFC 9051 §5.1), everything else is exact after Unicode
 * normalisation (RFC 5198 §3), so that two spellings nobody can tell apart are
 * one mailbox.
 */
import { INBOX } from '../../core/mailbox-name.ts';
import { NAME_OCTETS, PATH_DEPTH } from './limits.ts';

export const SEPARATOR = '/';

/** Characters that no name may hold: C0, DEL, C1, and the line and paragraph separators of Unicode (RFC 5198 §2). */
const FORBIDDEN = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;
/** A path longer than its levels can be is not worth taking apart. */
const PATH_LIMIT = PATH_DEPTH * (NAME_OCTETS + 1);

/** How a path is looked up: normalised, INBOX spelt so at the top. */
export function normalPath(path: string): string {
  const normal = path.normalize('NFC');
  const slash = normal.indexOf(SEPARATOR);
  const top = slash < 0 ? normal : normal.slice(0, slash);
  return top !== INBOX && top.toUpperCase() === INBOX ? INBOX + normal.slice(top.length) : normal;
}

/** The levels of a path for a mailbox to be made, or undefined where no mailbox can have it. */
export function levelsOf(path: string): readonly string[] | undefined {
  if (path.length > PATH_LIMIT || !path.isWellFormed()) return undefined;
  // RFC 9051 §6.3.4: a separator at the end says that children will follow, which we need not know.
  const levels = normalPath(path.endsWith(SEPARATOR) ? path.slice(0, -1) : path).split(SEPARATOR);
  return levels.length <= PATH_DEPTH && levels.every(isName) ? levels : undefined;
}

/** '%' and '*' may stand in a name: LIST shows such a mailbox all the same, and people write "100%". */
const isName = (name: string): boolean => name.trim() !== '' && !FORBIDDEN.test(name) && Buffer.byteLength(name) <= NAME_OCTETS;

/** Text that sorts paths: INBOX and what is below it first, a mailbox right before its children. */
export function pathOrder(path: string): string {
  // No name holds NUL.
  const order = path.replaceAll(SEPARATOR, '\0');
  return order === INBOX || order.startsWith(`${INBOX}\0`) ? `\0${order}` : order;
}

export function sortedByPath<Thing>(things: Iterable<Thing>, pathOf: (thing: Thing) => string): Thing[] {
  const ordered = Array.from(things, (thing) => ({ thing, order: pathOrder(pathOf(thing)) }));
  ordered.sort((one, other) => (one.order < other.order ? -1 : one.order > other.order ? 1 : 0));
  return ordered.map(({ thing }) => thing);
}
